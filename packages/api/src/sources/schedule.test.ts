import { expect, test } from 'vitest'
import { absencesUntilGone, type LookedAt, longestMs, nextLook, shortestMs } from './schedule.ts'

const now = new Date('2026-01-01T00:00:00Z')
const hourMs = 3_600_000

function pauseOf(
  given: Partial<Omit<LookedAt, 'round'>> & {
    outcome?: LookedAt['round']['outcome']
    pace?: LookedAt['round']['pace']
  },
) {
  const { outcome = 'ok', pace = {}, ...rest } = given
  const next = nextLook({
    round: { outcome, pace },
    failures: 0,
    absences: 0,
    intervalSeconds: null,
    now,
    random: 0,
    ...rest,
  })
  return { ms: next.at.getTime() - now.getTime(), reason: next.reason, status: next.status }
}

test.each([
  [
    'Retry-After before all else',
    { pace: { retryAfterMs: 2 * hourMs, cacheMaxAgeMs: hourMs, ttlMs: hourMs } },
    2 * hourMs,
    'Retry-After',
  ],
  [
    'a person’s interval before the server’s habits',
    { intervalSeconds: 1800, pace: { cacheMaxAgeMs: 4 * hourMs } },
    hourMs / 2,
    'was set',
  ],
  [
    'Cache-Control before the feed’s ttl',
    { pace: { cacheMaxAgeMs: 3 * hourMs, ttlMs: hourMs } },
    3 * hourMs,
    'Cache-Control',
  ],
  ['the ttl before the rhythm', { pace: { ttlMs: 2 * hourMs, rhythmMs: hourMs } }, 2 * hourMs, 'ttl'],
  [
    'half the rhythm of the posts',
    { pace: { rhythmMs: 24 * hourMs, cacheMaxAgeMs: 60_000 } },
    12 * hourMs,
    'every 24 hours',
  ],
  ['an hour where nothing is known', {}, hourMs, 'not known'],
  ['never less than a quarter of an hour', { pace: { retryAfterMs: 1 } }, shortestMs, 'Retry-After'],
  ['never more than a week', { pace: { retryAfterMs: 1e12 } }, longestMs, 'Retry-After'],
  ['twice as long after each failure', { outcome: 'failed' as const, failures: 3 }, 8 * shortestMs, 'failed 3 times'],
  ['a day after a refusal', { outcome: 'refused' as const }, 24 * hourMs, 'refused'],
] as const)('a source is looked at again: %s', (_, given, ms, reason) => {
  expect(pauseOf(given)).toMatchObject({ ms, reason: expect.stringContaining(reason) })
})

test('a source is gone after several absences in a row, and is looked at once a week then', () => {
  const absent = (absences: number) => pauseOf({ outcome: 'gone', failures: absences, absences })
  expect(absent(absencesUntilGone - 1).status).toBe('failing')
  expect(absent(absencesUntilGone)).toMatchObject({ status: 'gone', ms: longestMs })
})

test('pauses differ by a tenth at random', () => {
  expect(pauseOf({ random: 1 }).ms).toBeCloseTo(1.1 * hourMs)
})
