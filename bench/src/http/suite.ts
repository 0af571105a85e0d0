import type { RoundOptions } from '../rounds.ts'

export interface Suite extends RoundOptions {
  /** Of the generated database, and of the server that it is on. */
  readonly url: string
  /** Of an admin, with a limit that no load reaches: any user's balance may be asked for. */
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
