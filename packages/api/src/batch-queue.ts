export interface BatchQueue<Item, Result> {
  /**
   * The item's own outcome. Rejects with the signal's reason as soon as it aborts: an item that still waits is taken out,
   * one that is being made goes on.
   */
  add(item: Item, signal?: AbortSignal): Promise<Result>
}

interface BatchQueueOptions<Item, Result> {
  /**
   * Makes a batch: one outcome for each item, in their order; where it rejects, all items do. The queue goes on as soon as
   * the outcomes are there, also while some of them are pending. The signal aborts once every item's signal has.
   */
  readonly run: (items: readonly Item[], signal: AbortSignal) => Promise<readonly Promise<Result>[]>
  /** Batches under way at once; items added meanwhile go together into the next one. */
  readonly atOnce: number
  /** Items in a batch at most. */
  readonly most: number
}

interface Entry<Item, Result> {
  readonly item: Item
  readonly signal: AbortSignal | undefined
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
}

/** Batches items that are added while others are under way. An item does not wait where no others are. */
export function createBatchQueue<Item, Result>({
  run,
  atOnce,
  most,
}: BatchQueueOptions<Item, Result>): BatchQueue<Item, Result> {
  const waiting = new Set<Entry<Item, Result>>()
  let underWay = 0

  async function work(): Promise<void> {
    underWay++
    while (waiting.size > 0) {
      const batch = [...waiting.values().take(most)]
      for (const entry of batch) waiting.delete(entry)
      await runBatch(batch)
    }
    underWay--
  }

  async function runBatch(batch: readonly Entry<Item, Result>[]): Promise<void> {
    const controller = new AbortController()
    const abortIfAllLeft = () => {
      if (batch.every(({ signal }) => signal?.aborted)) controller.abort(batch[0]?.signal?.reason)
    }
    for (const { signal } of batch) signal?.addEventListener('abort', abortIfAllLeft)
    try {
      const outcomes = await run(
        batch.map(({ item }) => item),
        controller.signal,
      )
      for (const [at, { resolve, reject }] of batch.entries()) (outcomes[at] as Promise<Result>).then(resolve, reject)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const { signal } of batch) signal?.removeEventListener('abort', abortIfAllLeft)
    }
  }

  return {
    async add(item, signal) {
      signal?.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      const entry = { item, signal, resolve, reject }
      const leave = () => {
        waiting.delete(entry)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave)
      waiting.add(entry)
      if (underWay < atOnce) void work()
      return promise.finally(() => signal?.removeEventListener('abort', leave))
    },
  }
}
