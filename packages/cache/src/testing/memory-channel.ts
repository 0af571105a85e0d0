import type { Cache } from '../cache.ts'
import type { Invalid, InvalidationChannel } from '../channel.ts'

/** One instance's end of a channel in this process. */
export interface MemoryChannel extends InvalidationChannel {
  /** Hands incoming invalidations to this cache. Call it once, with the cache that was made with this channel. */
  bind(cache: Cache): void
  /** Nothing arrives from now on, and nothing can be told. */
  cut(): void
  /** Ends the cut; live as soon as the cache has heard that it may have missed something. */
  heal(): Promise<void>
}

/** Ends of one channel. When `tell` resolves, all other ends have heard, except those that are cut off. */
export function createMemoryChannel(ends: number): MemoryChannel[] {
  const all = Array.from({ length: ends }, () => {
    let cache: Cache | undefined
    let state: 'live' | 'healing' | 'cut' = 'live'
    /** Invalidations that the cache is applying now. */
    let hearing = 0
    const hear = async (what: Invalid): Promise<void> => {
      hearing += 1
      await cache?.hear(what)
      hearing -= 1
    }
    const end: MemoryChannel = {
      bind(own) {
        cache = own
      },
      isLive: () => state === 'live' && hearing === 0,
      async tell(what) {
        if (state === 'cut') throw new Error('The channel is cut')
        for (const other of all) if (other.end !== end && !other.isCut()) void other.hear(what)
      },
      cut() {
        state = 'cut'
      },
      async heal() {
        if (state !== 'cut') return
        state = 'healing'
        await hear('all')
        if (state === 'healing') state = 'live'
      },
    }
    return { end, hear, isCut: () => state === 'cut' }
  })
  return all.map(({ end }) => end)
}
