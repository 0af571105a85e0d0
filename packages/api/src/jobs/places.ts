import type { AnyJob } from './define-job.ts'

/** What is free of a worker's places while it claims; jobs of a kind that names no group take any. */
export interface Places {
  hasRoom(kind: string): boolean
  take(kind: string): void
}

/** A group never holds all places of a worker that has more than one, whatever its kinds wait for. */
export function createPlaces(jobs: readonly AnyJob[], concurrency: number, running: Iterable<string>): Places {
  const groups = new Map(
    jobs.flatMap(({ kind, concurrency: { ofWorker } = {} }) => (ofWorker ? [[kind, ofWorker]] : [])),
  )
  const taken = new Map<string, number>()
  const take = (kind: string) => {
    const group = groups.get(kind)?.group
    if (group !== undefined) taken.set(group, (taken.get(group) ?? 0) + 1)
  }
  for (const kind of running) take(kind)
  return {
    take,
    hasRoom(kind) {
      const limit = groups.get(kind)
      return limit === undefined || (taken.get(limit.group) ?? 0) < Math.max(1, concurrency - limit.leaving)
    },
  }
}
