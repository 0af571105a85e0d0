import { createPathRules } from './path-rules.ts'

/** How long an answer is kept, by the REST path of its procedure: the longest prefix of whole segments wins. Milliseconds. */
const ttlMsByPath: Readonly<Record<string, number>> = {
  '/query/rag': 60_000,
  '/scrape': 300_000,
  '/api/cards': 120_000,
  '/api/users': 180_000,
  '/api/attributions': 120_000,
  '/api/tokens': 60_000,
}
const defaultTtlMs = 300_000
/** Never kept. */
const excluded = ['/health', '/docs', '/openapi.json', '/metrics']

/** Reads whose query travels in the body of a POST. */
const bodyQueries: ReadonlySet<string> = new Set(['query.rag'])

/**
 * An answer too old to be fresh may still be served for so long, while one refresh runs: what was written since has
 * made it unreachable, so it is merely due for a second look. Milliseconds.
 */
export const staleMs = 30_000

const ruleOf = createPathRules(ttlMsByPath, defaultTtlMs, excluded)

/** 0: never kept. */
export function ttlMsOf(path: string): number {
  return ruleOf(path).ttlMs
}

/** Whether a request of this method is a read of the procedure: a GET, or a POST whose body is the query. */
export function isReadBy(method: string, procedure: string): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && bodyQueries.has(procedure))
}
