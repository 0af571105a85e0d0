/** An endpoint's URL as messages name it: without user, password and query, where keys may stand. */
export function endpointName(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
