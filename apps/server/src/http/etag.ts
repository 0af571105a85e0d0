/** Whether one of the tags in `If-None-Match` is this one, by weak comparison (RFC 9110 13.1.2). */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  const strong = (tag: string): string => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((each) => strong(each) === strong(etag))
}
