import type { Found } from '../archive-event.ts'

/** One file of an archive, wherever it lies. */
export interface Entry {
  /** With `/`, and without a leading one. */
  readonly path: string
  readonly size: number
  open(): Promise<AsyncIterable<Buffer>>
}

/** A file, a folder or a zip: its entries in the order of their paths. */
export interface Container {
  /** Tells it from others: the folder's name, or the file's without its ending. */
  readonly name: string
  readonly entries: readonly Entry[]
  /** Entries that were left out. */
  readonly problems: readonly { readonly entry: string; readonly found: Found }[]
  /** A file that was named by itself, not one of many. */
  readonly isOneFile: boolean
  close(): Promise<void>
}

export const byPath = (one: { path: string }, other: { path: string }): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0

/** Places where programs keep what is not the author's: hidden folders, packages, the waste of unpackers. */
export const isHidden = (path: string): boolean =>
  path.split('/').some((part) => /^\../.test(part) || part === 'node_modules' || part === '__MACOSX')
