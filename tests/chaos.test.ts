import { expect, test } from 'vitest'
import { noEnginesBecause, startEngines } from './chaos/engines.ts'
import type { Fault } from './chaos/faults.ts'
import { runChaos } from './chaos/run.ts'

if (noEnginesBecause !== undefined) process.stderr.write(`Not run: chaos (${noEnginesBecause}).\n`)

const first = ['kill a worker', 'kill Redis', 'promote the replica', 'kill the replica'] satisfies Fault[]

test.skipIf(noEnginesBecause !== undefined)(
  'while everything is killed in turn, no answer is older than its stamp, and nothing acknowledged is lost',
  async ({ annotate }) => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
    await using engines = await startEngines()
    const report = await runChaos(engines, { operations: 1000, seed, cards: 2000, workers: 2, first })
    await annotate(
      `${report.reads} reads, ${[...report.faults].map(([fault, count]) => `${fault} ${count}`).join(', ')}`,
    )
    expect({ seed, problems: report.problems }).toEqual({ seed, problems: [] })
    expect([...report.faults.keys()]).toEqual(expect.arrayContaining(first))
    expect(report.hits).toBeGreaterThan(0)
    expect(report.revokedTried).toBeGreaterThan(0)
  },
  400_000,
)
