import type { SourceStatus } from '@extropy/db'
import type { Round } from '@extropy/intake'

const minuteMs = 60_000
export const shortestMs = 15 * minuteMs
export const longestMs = 7 * 24 * 60 * minuteMs
const unknownRhythmMs = 60 * minuteMs
/** After a refusal by robots.txt: it is read again once a day. */
const refusedMs = 24 * 60 * minuteMs
/** So many rounds in a row must meet a 404 or a 410 before a source counts as gone: servers are moved, and come back. */
export const absencesUntilGone = 5
/** Of all pauses this part is random, so that sources that were added together are not looked at together. */
const jitter = 0.1

export interface LookedAt {
  readonly round: Pick<Round, 'outcome' | 'pace'>
  /** In a row, this round included. */
  readonly failures: number
  readonly absences: number
  readonly intervalSeconds: number | null
  readonly now: Date
  /** 0 to 1. */
  readonly random: number
}

export interface NextLook {
  readonly at: Date
  readonly reason: string
  readonly status: Exclude<SourceStatus, 'paused'>
}

/** When a source is looked at next, and why then: by the server's own wish, else by a person's, else by the source's habits. */
export function nextLook({ round, failures, absences, intervalSeconds, now, random }: LookedAt): NextLook {
  const { outcome, pace } = round
  const status = absences >= absencesUntilGone ? 'gone' : failures > 0 ? 'failing' : 'active'
  const { ms, reason } = pauseAfter()
  const bounded = Math.min(longestMs, Math.max(shortestMs, ms))
  const spread = bounded * (1 + jitter * random)
  return { at: new Date(now.getTime() + Math.min(longestMs, spread)), reason, status }

  function pauseAfter(): { ms: number; reason: string } {
    if (pace.retryAfterMs !== undefined)
      return { ms: pace.retryAfterMs, reason: 'the server asked for this pause (Retry-After)' }
    if (status === 'gone')
      return { ms: longestMs, reason: `it was not there ${absences} times: once a week from now on` }
    if (outcome === 'refused') return { ms: refusedMs, reason: 'it was refused, and is asked for once a day' }
    if (failures > 0) {
      return {
        ms: shortestMs * 2 ** failures,
        reason: `it failed ${failures} time${failures === 1 ? '' : 's'} in a row`,
      }
    }
    if (intervalSeconds !== null) return { ms: intervalSeconds * 1000, reason: 'the interval that was set for it' }
    const { cacheMaxAgeMs = 0, ttlMs = 0, rhythmMs } = pace
    // Shorter ones say no more than that it may be asked for: they would all mean every quarter of an hour.
    if (cacheMaxAgeMs > shortestMs)
      return { ms: cacheMaxAgeMs, reason: 'the server says that it is fresh so long (Cache-Control)' }
    if (ttlMs > shortestMs) return { ms: ttlMs, reason: 'the feed asks for this pause (ttl)' }
    if (rhythmMs !== undefined) return { ms: rhythmMs / 2, reason: `a new post comes every ${inWords(rhythmMs)}` }
    return { ms: unknownRhythmMs, reason: 'its rhythm is not known yet' }
  }
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / minuteMs)
  if (minutes < 90) return `${Math.max(1, minutes)} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
