import fc from 'fast-check'
import type { Step } from './freshness-model.ts'

/** The seed of this run: `TEST_SEED` repeats one. */
export const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31)

export interface StepOptions {
  readonly instances: number
  readonly maxPauseMs: number
  readonly faults?: readonly string[]
}

/** Random interleavings: many steps begin while others are under way. */
export function steps({ instances, maxPauseMs, faults = [] }: StepOptions): fc.Arbitrary<Step[]> {
  const on = fc.integer({ min: 0, max: instances - 1 })
  const id = fc.integer({ min: 0, max: 2 })
  const loadMs = fc.integer({ min: 0, max: 8 })
  const read = fc.record({
    do: fc.constant('read' as const),
    on,
    id,
    how: fc.constantFrom('known' as const, 'result' as const, 'failing' as const),
    loadMs,
    early: fc.boolean(),
  })
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 10, arbitrary: read },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('abortedRead' as const), on, id, loadMs, abortMs: loadMs }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), on, id }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('peek' as const), on, id }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'purge' as const), on }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('pause' as const), pauseMs: fc.integer({ min: 0, max: 3 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('pause' as const), pauseMs: fc.integer({ min: 0, max: maxPauseMs }) }),
    },
    ...(faults.length === 0
      ? []
      : [{ weight: 2, arbitrary: fc.record({ do: fc.constant('fault' as const), name: fc.constantFrom(...faults) }) }]),
  )
  return fc.array(step, { minLength: 20, maxLength: 120, size: 'max' })
}
