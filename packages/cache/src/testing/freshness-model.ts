import { expect } from 'vitest'
import type { Cache } from '../cache.ts'
import type { Clock } from '../clock.ts'
import type { LoadContext } from '../read-options.ts'

export interface Row {
  readonly id: number
  readonly version: number
}

/** One step of a run. Steps do not wait for each other, but for `pauseMs`. */
export type Step =
  | {
      readonly do: 'read'
      readonly on: number
      readonly id: number
      readonly how: ReadKind
      readonly loadMs: number
      readonly early: boolean
    }
  | {
      readonly do: 'abortedRead'
      readonly on: number
      readonly id: number
      readonly loadMs: number
      readonly abortMs: number
    }
  | { readonly do: 'peek' | 'write'; readonly on: number; readonly id: number }
  | { readonly do: 'clear' | 'purge'; readonly on: number }
  | { readonly do: 'pause'; readonly pauseMs: number }
  | { readonly do: 'fault'; readonly name: string }

/** Tags known before the load, or only from its result; or a load that fails. */
type ReadKind = 'known' | 'result' | 'failing'

interface Instance {
  readonly cache: Cache
  /** For each row: the version that a read beginning now must not fall below. */
  readonly floor: number[]
}

export interface ModelOptions {
  readonly caches: readonly Cache[]
  readonly clock: Clock
  /** Lets `ms` pass. */
  readonly pause: (ms: number) => Promise<void>
  /** The prefix of every key and tag. Default none. */
  readonly prefix?: string
  readonly fault?: (name: string) => void | Promise<void>
  readonly onRead?: (tookMs: number) => void
}

/** Rows, the caches before them, and the versions that each read may answer: never one that was replaced before the read began. */
export function createFreshnessModel({ caches, clock, pause, fault, onRead, prefix = '' }: ModelOptions) {
  const rows = [0, 0, 0]
  const instances: readonly Instance[] = caches.map((cache) => ({ cache, floor: rows.map(() => 0) }))
  const running = new Set<Promise<unknown>>()
  const counts = { reads: 0, checked: 0, failed: 0, everywhere: 0, local: 0 }
  const problems: string[] = []

  const instance = (on: number): Instance => {
    const found = instances[on % instances.length]
    if (found === undefined) throw new Error('There is no instance')
    return found
  }
  const versionOf = (id: number): number => rows[id] ?? 0
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(resolve, ms))
  const keyOf = (id: number): string => `${prefix}row ${id}`
  const tagsOf = (id: number): string[] => [keyOf(id), `${prefix}rows`]

  /** Whatever has befallen its instance, a read must reach the floor of its beginning. */
  async function check(on: number, id: number, read: () => unknown): Promise<void> {
    const least = instance(on).floor[id] ?? 0
    counts.reads += 1
    const startedAt = clock.now()
    try {
      const row = (await read()) as Row | undefined
      if (row === undefined) return
      counts.checked += 1
      if (row.id !== id || row.version < least) {
        problems.push(`instance ${on} answered version ${row.version} of row ${id}, and ${least} was the least`)
      }
    } catch (error) {
      counts.failed += 1
      if (!(error instanceof Error && error.message === 'as planned')) problems.push(`a read failed: ${String(error)}`)
    } finally {
      onRead?.(clock.now() - startedAt)
    }
  }

  /** The row changes first, then the cache is told, as an application does it. */
  async function write(on: number, id: number): Promise<void> {
    const version = versionOf(id) + 1
    rows[id] = version
    const reach = await instance(on).cache.invalidateTags([keyOf(id)])
    counts[reach] += 1
    for (const each of reach === 'everywhere' ? instances : [instance(on)])
      each.floor[id] = Math.max(each.floor[id] ?? 0, version)
  }

  const loader =
    (id: number, loadMs: number, early: boolean, fails: boolean) =>
    async (_context?: LoadContext): Promise<Row> => {
      const before = versionOf(id)
      if (loadMs > 0) await sleep(loadMs)
      if (fails) throw new Error('as planned')
      return { id, version: early ? before : versionOf(id) }
    }

  function begin(step: Step): Promise<unknown> | undefined {
    switch (step.do) {
      case 'read': {
        const { on, id, how, loadMs, early } = step
        const options = {
          ttlMs: 60,
          staleMs: 40,
          tags: how === 'known' ? tagsOf(id) : (row: Row) => tagsOf(row.id),
        }
        return check(on, id, () =>
          instance(on).cache.getOrSet(keyOf(id), loader(id, loadMs, early, how === 'failing'), options),
        )
      }
      case 'abortedRead': {
        const { on, id, loadMs, abortMs } = step
        const controller = new AbortController()
        clock.setTimer(() => controller.abort(new Error('as planned')), abortMs)
        const options = { ttlMs: 60, tags: tagsOf(id), signal: controller.signal }
        return check(on, id, () => instance(on).cache.getOrSet(keyOf(id), loader(id, loadMs, true, false), options))
      }
      case 'peek':
        return check(step.on, step.id, () => instance(step.on).cache.peek(keyOf(step.id)))
      case 'write':
        return write(step.on, step.id)
      case 'clear':
        return instance(step.on).cache.clear()
      case 'purge':
        instance(step.on).cache.purgeExpired()
        return undefined
      case 'pause':
        return undefined
      case 'fault':
        return Promise.resolve(fault?.(step.name))
      default:
        return step satisfies never
    }
  }

  return {
    counts,
    async run(steps: readonly Step[]): Promise<void> {
      for (const step of steps) {
        const work = begin(step)
        if (work !== undefined) {
          running.add(work)
          void work.finally(() => running.delete(work))
        }
        if (step.do === 'pause') await pause(step.pauseMs)
      }
    },
    /** Waits for calls under way; `pass` lets time go by. */
    async finish(pass: () => Promise<void>): Promise<void> {
      for (let turn = 0; running.size > 0 && turn < 1_000; turn += 1) await pass()
      expect(running.size, 'steps that never ended').toBe(0)
      expect(problems).toEqual([])
    },
  }
}
