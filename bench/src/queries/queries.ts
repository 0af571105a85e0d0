import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { GeneratedDatabase } from '../db/generated-database.ts'
import type { Load } from '../db/measure.ts'
import { forkProgram, stop } from '../http/children.ts'
import { reportSeries } from '../http/comparison.ts'
import { cpuMicros } from '../http/cpu-time.ts'
import { type Entry, measureInTurns, type RoundOptions } from '../http/rounds.ts'
import type { Order, Setup } from './contender-process.ts'
import { isPrismaInstalled } from './contenders/prisma.contender.ts'
import type { ReadName, Sample } from './reads.ts'

/** By their files in `contenders/`. */
const contenders = {
  extropy: 'Extropy, hot reads',
  pg: 'pg, named statements',
  'postgres-js': 'postgres.js',
  kysely: 'stock Kysely on pg',
  drizzle: 'Drizzle on pg, prepared',
  prisma: 'Prisma 7 on pg',
}
const ours = contenders.extropy
/** Of stock Kysely, under load. */
const goals: Readonly<Partial<Record<ReadName, number>>> = { 'primary key': 3, 'join of 4 tables': 4 }

interface Running {
  readonly name: string
  readonly child: ChildProcess
}

/** The same reads through each library, each in a process of its own; answers are compared before anything is timed. */
export async function benchQueries(
  { url }: GeneratedDatabase,
  samples: readonly Sample[],
  { reads, callerCounts }: { readonly reads: readonly ReadName[]; readonly callerCounts: readonly number[] },
  options: RoundOptions,
): Promise<void> {
  for (const read of reads) {
    const running: Running[] = []
    try {
      for (const [contender, name] of Object.entries(contenders)) {
        if (contender === 'prisma' && !isPrismaInstalled()) continue
        running.push({ name, child: await startContender({ contender, url, samples }) })
      }
      for (const at of [0, 1, 2]) await assertSameAnswers(running, read, at)
      for (const callers of callerCounts) await benchRead(running, read, callers, options)
    } finally {
      for (const { child } of running) await stop(child)
    }
  }
}

async function benchRead(
  running: readonly Running[],
  read: ReadName,
  callers: number,
  options: RoundOptions,
): Promise<void> {
  const entries = running.map((one) => entryOf(one, read, callers))
  const peers = Object.values(contenders).filter((name) => name !== ours)
  const goal = (to: string) => (to === contenders.kysely && callers > 1 ? goals[read] : undefined)
  reportSeries(
    { suite: 'queries', unit: 'queries/s' },
    `${read}, ${callers === 1 ? 'one caller' : `${callers} callers`}`,
    await measureInTurns(entries, options),
    peers.map((to) => ({ of: ours, to, atLeast: goal(to) })),
  )
}

async function startContender(setup: Setup): Promise<ChildProcess> {
  const program = new URL('./contender-process.ts', import.meta.url)
  return (await forkProgram(program, [JSON.stringify(setup)])).child
}

function entryOf({ name, child }: Running, read: ReadName, callers: number): Entry {
  return {
    name,
    async measure(seconds) {
      const before = cpuMicros(child.pid)
      const load = await tell<Load>(child, { what: 'measure', read, callers, seconds })
      const after = cpuMicros(child.pid)
      const calls = load.perSecond * seconds
      return { ...load, cpuMicros: before === undefined || after === undefined ? undefined : (after - before) / calls }
    },
  }
}

async function assertSameAnswers(running: readonly Running[], read: ReadName, at: number): Promise<void> {
  const [first, ...others] = running
  if (first === undefined) return
  const rows = await tell<object[]>(first.child, { what: 'answer', read, at })
  if (rows.length === 0) throw new Error(`${read}: there are no rows`)
  for (const { name, child } of others) {
    const others = await tell<object[]>(child, { what: 'answer', read, at })
    if (isDeepStrictEqual(rows, others)) continue
    throw new Error(
      `${read}: ${first.name} and ${name} answer differently:\n${JSON.stringify(rows[0])}\n${JSON.stringify(others[0])}`,
    )
  }
}

async function tell<Answer>(child: ChildProcess, order: Order): Promise<Answer> {
  const answered = new AbortController()
  const { signal } = answered
  child.send(order)
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([status]) => {
        throw new Error(`a contender's process ended with ${status}`)
      }),
    ])
    return answer as Answer
  } finally {
    answered.abort()
  }
}
