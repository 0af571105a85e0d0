import { randomUUID } from 'node:crypto'
import type { Lifetime } from '../entry.ts'
import type { ResolvedOptions } from '../options.ts'
import type { SharedRead } from '../stores/store.ts'
import { sleep } from './deadline.ts'
import type { SharedSnapshot, SharedTier } from './shared-tier.ts'
import { decode, encode, keepMs, type Spans } from './wire.ts'

const pollMinMs = 5
const pollMaxMs = 100

/** A value from the shared store, its times turned into local ones. */
export interface Found extends Lifetime {
  readonly value: unknown
  readonly tags: readonly string[]
}

/** The shared store's part in a load. */
export interface Sharing {
  readonly found?: Found
  /** Hands the result to the others, in the background. False where it cannot be encoded. */
  store(value: unknown, tags: readonly string[], spans: Spans): boolean
  /** Lets another instance load. */
  giveUp(): void
}

/** Values in the shared store, and which instance loads one that is missing. */
export class SharedEntries {
  readonly #tier: SharedTier
  readonly #options: ResolvedOptions

  constructor(tier: SharedTier, options: ResolvedOptions) {
    this.#tier = tier
    this.#options = options
  }

  /**
   * Finds the value, or decides which instance loads it. Where another one loads it, waits for its result until `lockMs` is over or
   * `isOver` says that nobody wants it any more. `undefined` while the store is out of reach, or the source's timeline unknown.
   */
  async begin(name: string, isOver: () => boolean): Promise<Sharing | undefined> {
    const snapshot = this.#tier.snapshot()
    const { clock, sharing } = this.#options
    const { lockMs } = sharing
    // Before the load: what is read from an old primary that came back is found by none that has left it.
    const timeline = sharing.timeline()
    if (snapshot === undefined || timeline === undefined) return undefined
    const key = `${timeline}:${name}`
    const token = randomUUID()
    const giveUpAt = clock.now() + lockMs
    for (let pollMs = pollMinMs; ; pollMs = Math.min(pollMs * 2, pollMaxMs)) {
      const read = await this.#tier.read({ key, lead: { token, lockMs } })
      const found = this.#found(read)
      if (found !== undefined) return { found, store: () => false, giveUp: () => undefined }
      const leads = read?.found === false && read.leads
      if (read === undefined || read.found || leads || isOver() || clock.now() >= giveUpAt) {
        // A read without an answer may have been done all the same: then this instance leads, and has to give the lead back.
        return this.#loading(key, snapshot, leads || read === undefined ? token : undefined)
      }
      if (pollMs === pollMinMs) this.#tier.counters.followed += 1
      await sleep(clock, pollMs)
    }
  }

  #loading(key: string, snapshot: SharedSnapshot, token: string | undefined): Sharing {
    return {
      store: (value, tags, spans) => {
        const bytes = this.#encoded(value, spans)
        if (bytes === undefined) return false
        const request = { key, bytes, tags, keepMs: keepMs(spans), ...(token === undefined ? {} : { token }) }
        void this.#tier.write(snapshot, request)
        return true
      },
      giveUp: () => {
        if (token !== undefined) void this.#tier.release(snapshot, key, token)
      },
    }
  }

  #encoded(value: unknown, spans: Spans): Uint8Array | undefined {
    try {
      return encode({ value, ...spans })
    } catch (error) {
      this.#tier.failed('encode', error)
      return undefined
    }
  }

  #found(read: SharedRead | undefined): Found | undefined {
    if (read === undefined || !read.found) return undefined
    const entry = decode(read.bytes)
    if (entry === undefined) {
      this.#tier.failed('decode', new Error('The shared store holds an entry that this version cannot read'))
      return undefined
    }
    const now = this.#options.clock.now()
    const freshUntil = now + Math.min(read.remainingMs, entry.ttlMs)
    return {
      value: entry.value,
      tags: read.tags,
      createdAt: freshUntil - entry.ttlMs,
      freshUntil,
      staleUntil: freshUntil + entry.staleMs,
    }
  }
}
