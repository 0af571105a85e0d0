/** The rate limit in an answer's headers, whose fields are structured, as in `"hour";r=999;t=1800`. */
export function rateLimitOf({ headers }: Pick<Response, 'headers'>) {
  const number = (field: string, parameter: string) =>
    Number(new RegExp(`^"hour";.*\\b${parameter}=(\\d+)`).exec(headers.get(field) ?? '')?.[1])
  return {
    limit: number('ratelimit-policy', 'q'),
    remaining: number('ratelimit', 'r'),
    resetSeconds: number('ratelimit', 't'),
  }
}
