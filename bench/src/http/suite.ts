import type { RoundOptions } from '../rounds.ts'

export interface Suite extends RoundOptions {
  /** The URL of the generated database, and so of its server. */
  readonly url: string
  /** An admin's key, which may read any balance, with a limit that no load reaches. */
  readonly key: string
  readonly userIds: readonly string[]
  /** A card with many attributions, and how many it has. */
  readonly attributed: { readonly cardId: string; readonly count: number }
  readonly quick: boolean
}

export const unit = { suite: 'http', unit: 'requests/s' }

/** Extropy reads the key and, if `fresh`, answers from the database, not from its cache. */
export function keyed(key: string, { fresh = false } = {}): Record<string, string> {
  return { Authorization: `Bearer ${key}`, ...(fresh ? { 'Cache-Control': 'no-cache' } : {}) }
}

export const rpcPath = (procedure: string, input: object): string =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`
