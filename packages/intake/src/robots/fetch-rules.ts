import { decodeText } from '../charset/decode-text.ts'
import type { Fetched, Problem } from '../fetch/fetched.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { type HostLanes, laneOf } from '../lanes/host-lanes.ts'

/** What a host says about robots, as far as it could be found out. */
export type Rules =
  | { readonly kind: 'text'; readonly text: string }
  /** There are none: everything is allowed. */
  | { readonly kind: 'none' }
  /** The host is left alone for now. */
  | { readonly kind: 'problem'; readonly problem: Problem; readonly keep: boolean }

/** RFC 9309 wants at least 500 KiB read. Honest files are under 64 KiB; what dishonest ones cost is the reader's limit of time. */
const maxBytes = 512 * 1024

/** Asks for robots.txt as for any page: through the guard, and in the lane of each host on the way. */
export async function fetchRules(
  origin: string,
  { guardedFetch, lanes, minIntervalMs }: { guardedFetch: GuardedFetch; lanes: HostLanes; minIntervalMs: number },
  signal: AbortSignal,
): Promise<Rules> {
  const fetched = await guardedFetch.fetch(`${origin}/robots.txt`, {
    headers: { accept: 'text/plain' },
    maxBytes,
    cut: true,
    signal,
    enterHop: async (hop) => ({ leave: await lanes.acquire(laneOf(hop), minIntervalMs, signal) }),
  })
  return rulesOf(fetched, new URL(origin).host)
}

function rulesOf(fetched: Fetched, host: string): Rules {
  if (fetched.outcome === 'ok') {
    // The rules are ASCII: what is left of UTF-16 without a mark, when read as UTF-8, are its zeros.
    const text = decodeText(fetched.body).text.replaceAll('\0', '')
    // A rule that was cut in half would mean something else.
    return { kind: 'text', text: fetched.truncated ? text.slice(0, text.search(/[\r\n][^\r\n]*$/) + 1) : text }
  }
  if (fetched.outcome === 'unchanged') return { kind: 'none' }
  const { outcome, reason, message, status = 0, retryAfterMs, redirects } = fetched
  // RFC 9309, 2.3.1.3: with a 4xx there are no rules. A 429 is about us, not about the file.
  if (status >= 400 && status < 500 && status !== 429) return { kind: 'none' }
  // 2.3.1.2: nor with redirects that do not end.
  if (reason === 'too-many-redirects') return { kind: 'none' }
  // The guard's own no is about the host, and its pages get the same.
  if (outcome === 'refused' && redirects.length === 0 && reason === 'private-address') {
    return { kind: 'problem', problem: { outcome, reason, message }, keep: false }
  }
  const problem: Problem = {
    outcome: 'refused',
    reason: 'robots-unreachable',
    message: `robots.txt of ${host} cannot be read, so nothing is asked there for now. ${message}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  return { kind: 'problem', problem, keep: true }
}
