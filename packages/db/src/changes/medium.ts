import { createHash } from 'node:crypto'

/**
 * By what servers tell each other of changes beside PostgreSQL: an epoch of one Redis, as a number. It is part of the lock by which a
 * server is present, so that others know of it for as long as, and no longer than, it is there.
 */
export type Medium = string

/** A server that has joined none: none is configured, or it has not been reached yet. Releases that do not tell theirs count as this. */
export const noMedium: Medium = '0'

/** Never 0, and below 2 ** 31. Two epochs share a number once in two thousand million pairs. */
export function mediumOf(epoch: string): Medium {
  return String(createHash('sha256').update(epoch).digest().readUInt32BE() >>> 1 || 1)
}
