/**
 * Another way in which instances hear of each other, beside the shared store: for changes by programs that have no cache,
 * and for invalidations that the store could not be told. Its maker calls `cache.hear` with incoming invalidations.
 */
export interface InvalidationChannel {
  /**
   * False while something may pass unheard: nothing is answered from the cache then, and nothing kept. Before it is true
   * again, the promise of every `hear` must have been kept; of `hear('all')` where something may have been missed.
   */
  isLive(): boolean
  /** Resolves when no other instance with a live channel can serve the invalidated values; rejects where that is not certain. */
  tell(what: Invalid): Promise<void>
  /**
   * For instances that may not all have the same shared store. This one has joined an epoch of its own: until all others know
   * that, `isLive` is false.
   */
  join?(epoch: string): void
  /** The same as `tell`, for those that have not joined this epoch: its store has told the others. Without it, everyone has. */
  tellStrangers?(what: Invalid, epoch: string): Promise<void>
}

/** The entries that may not be used any more: those that carry one of these tags, or all. */
export type Invalid = readonly string[] | 'all'
