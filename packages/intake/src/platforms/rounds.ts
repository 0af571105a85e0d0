import { createHash } from 'node:crypto'
import type { Origin } from '../article.ts'
import type { Fetched, NotTaken, Taken, Unchanged } from '../fetch/fetched.ts'
import type { Memory, Pace, Round } from './platform.ts'

/** A round that brought nothing, for the reason of its fetch. */
export function roundWithout(fetched: NotTaken | Unchanged, memory: Memory): Round {
  const isUnchanged = fetched.outcome === 'unchanged'
  return {
    outcome: fetched.outcome,
    message: isUnchanged ? 'Nothing has changed since the last look.' : fetched.message,
    articles: [],
    memory,
    pace: paceOf(fetched),
    movedTo: fetched.movedTo,
  }
}

/** A round whose document was no use. */
export function roundOf(outcome: Round['outcome'], message: string, fetched?: Fetched, memory: Memory = {}): Round {
  return { outcome, message, articles: [], memory, pace: fetched === undefined ? {} : paceOf(fetched) }
}

export function paceOf(fetched: Fetched): Pace {
  const { retryAfterMs, cacheControl = '' } = fetched
  const [, maxAge] = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl) ?? []
  const isKept = maxAge !== undefined && !/no-cache|no-store/i.test(cacheControl)
  return { retryAfterMs, cacheMaxAgeMs: isKept ? Number(maxAge) * 1000 : undefined }
}

/** For the next request of the same address. */
export function memoryOf(fetched: Fetched & { readonly body?: Uint8Array }): Memory {
  const { etag, lastModified, body } = fetched
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(body !== undefined && { bytesHash: createHash('sha256').update(body).digest('base64url') }),
  }
}

/** Of what was read from an answer; `document` is its part of it. */
export function originOf({ url, status, etag, contentType }: Taken, document?: Uint8Array | string): Origin {
  return {
    url,
    status,
    ...(etag !== undefined && { etag }),
    ...(contentType !== undefined && { contentType }),
    ...(document !== undefined && { document }),
  }
}

/** Same bytes as before, from a server that does not say so. */
export function isSame(body: Uint8Array, { bytesHash }: Memory): boolean {
  return bytesHash !== undefined && memoryOf({ body } as never).bytesHash === bytesHash
}

/** The middle pause between the latest posts; undefined where there are too few to tell. */
export function rhythmOf(dates: readonly (Date | undefined)[]): number | undefined {
  const times = dates
    .flatMap((date) => date?.getTime() ?? [])
    .toSorted((a, b) => b - a)
    .slice(0, 20)
  const pauses = times.slice(1).map((time, index) => (times[index] as number) - time)
  return pauses.length < 3 ? undefined : pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)]
}
