import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { openWorker } from '../jobs/worker.ts'
import { differenceOf } from '../subscriptions/difference.ts'
import { findAnswer } from '../subscriptions/find-answer.ts'
import { followWrites } from '../subscriptions/follow-writes.ts'
import { createAccount } from './accounts.ts'
import { contentLine, createTestCaller, ingestLines } from './test-deps.ts'

interface SimulateOptions {
  readonly questions: number
  readonly contents: number
  readonly seed: number
  /** Contents of a batch. Default 20. */
  readonly batch?: number
  readonly onBatch?: (report: SubscriptionReport) => void
}

export interface SubscriptionReport {
  readonly batches: number
  /** Differences that were told. */
  readonly told: number
  readonly recomputed: number
  /** The most recomputations of one question for one batch. */
  readonly mostOfOne: number
  /** A sentence each; empty: what was told is what brute force finds, and nothing was told of no change. */
  readonly problems: readonly string[]
}

/** The same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const syllables = ['qu', 'bi', 'no', 'ra', 'mu', 'lo', 'ti', 'za', 'ke', 'du']
const traits = ['eats', 'sleeps', 'digs']
const foods = ['moths', 'roots', 'seeds', 'frogs', 'fungi', 'ants']

/** `qubi`, `quno`, …: as many as are needed, none the beginning of another. */
const animalOf = (n: number) =>
  `${syllables[n % 10]}${syllables[(3 * Math.floor(n / 10) + 1) % 10]}${syllables[Math.floor(n / 100) % 10]}x`

/**
 * Asks questions, half of them for an answer and half for a search, then writes contents in random order, a fifth of them anew, and compares after
 * each batch what was told with the difference of two answers that are made directly.
 */
export async function simulateSubscriptions(deps: Deps, options: SimulateOptions): Promise<SubscriptionReport> {
  const { contents, seed, batch: batchSize = 20, onBatch } = options
  const random = createRandom(seed)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  const user = await createAccount(deps)
  const worker = openWorker(deps, { jobs: appJobs.filter(({ kind }) => kind === 'subscriptions.recompute') })
  // A batch ends where the simulation says so.
  const following = followWrites(deps, { quietMs: 3_600_000, mostWaitMs: 3_600_000 })
  const settle = async () => {
    await following.flush()
    worker.hear('')
    while (await isBehind(deps)) await setTimeout(20)
  }
  const animals = Array.from({ length: Math.ceil(options.questions / 2) }, (_, n) => animalOf(n))
  const asked = animals.flatMap((animal) => [
    { kind: 'answer' as const, question: `What does the ${animal} eat?`, nResults: 5 },
    { kind: 'search' as const, question: `${animal} ${pick(traits)}`, nResults: 5 },
  ])
  const watched = []
  try {
    for (const question of asked.slice(0, options.questions)) {
      const { id, kind, input, answer } = await user.as().subscriptions.create(question)
      watched.push({ id, kind, input, known: answer, told: 0, recomputed: 0 })
    }
    await settle()
    for (const each of watched) each.recomputed = await recomputationsOf(deps, each.id)
    const report = { batches: 0, told: 0, recomputed: 0, mostOfOne: 0, problems: [] as string[] }
    const signal = new AbortController().signal
    for (let at = 0; at < contents; at += batchSize) {
      const lines = Array.from({ length: Math.min(batchSize, contents - at) }, (_, n) => {
        const place = random() < 0.2 ? Math.floor(random() * (at + 1)) : at + n
        const [animal, trait] = [pick(animals), pick(traits)]
        const body = `The ${animal} ${trait} in the ${pick(foods)} season. The ${animal} eats ${pick(foods)} when it is day ${place}.`
        return contentLine({ source_url: `https://example.org/${place}`, title: `${animal} ${place}`, body })
      })
      await ingestLines(deps, lines)
      await settle()
      report.batches++
      for (const each of watched) {
        const before = each.recomputed
        each.recomputed = await recomputationsOf(deps, each.id)
        report.recomputed += each.recomputed - before
        report.mostOfOne = Math.max(report.mostOfOne, each.recomputed - before)
        const answer = await findAnswer(deps, each, [], signal)
        const expected = shown(differenceOf(each.known, answer))
        const told = await toldAfter(deps, each.id, each.told)
        each.told += told.length
        report.told += told.length
        each.known = answer as typeof each.known
        const got = told.map(shown)
        if (JSON.stringify(got) !== JSON.stringify(expected === undefined ? [] : [expected])) {
          report.problems.push(
            `batch ${report.batches}, ${JSON.stringify(each.input)}: ${JSON.stringify({ expected, got })}`,
          )
        }
      }
      onBatch?.(report)
    }
    return report
  } finally {
    await following.close()
    await worker.close()
  }
}

/** A job's own end comes after the answer's. */
async function isBehind({ db }: Deps): Promise<boolean> {
  const { rows } = await sql<{ isBehind: boolean }>`
    select exists (select from subscriptions where touched <> answered)
        or exists (select from jobs where kind = 'subscriptions.recompute' and status in ('queued', 'running')) as is_behind`.execute(
    db,
  )
  return rows[0]?.isBehind === true
}

async function recomputationsOf({ db }: Deps, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from jobs
    where kind = 'subscriptions.recompute' and input ->> 'id' = ${id} and result ->> 'isAnswered' = 'true'`.execute(db)
  return rows[0]?.count ?? 0
}

async function toldAfter({ db }: Deps, id: string, sequence: number) {
  const rows = await db
    .selectFrom('subscriptionChanges')
    .select('change')
    .where('subscriptionId', '=', id)
    .where('sequence', '>', String(sequence))
    .orderBy('sequence')
    .execute()
  return rows.map(({ change }) => change)
}

/** Without receipts, which say when they were read, and in one order. */
function shown(change: ReturnType<typeof differenceOf>) {
  const textsOf = (items: readonly { contentId: string; text: string }[]) =>
    items.map(({ contentId, text }) => `${contentId} ${text}`).sort()
  return (
    change && {
      new: textsOf(change.new),
      gone: textsOf(change.gone),
      changed: change.changed.map(({ before, after }) => textsOf([before, after]).join(' ')).sort(),
    }
  )
}

export interface UntouchedReport {
  readonly writes: number
  readonly withoutMs: number
  readonly withMs: number
  /** Of looking once, for all writes of a batch, which questions they touch. */
  readonly lookMs: number
}

/**
 * Medians of a write that touches none of the questions that are there, by turns where nobody follows writes (`bare` has a cache of its own) and
 * where somebody does.
 */
export async function measureUntouched(deps: Deps, bare: Deps, writes = 300): Promise<UntouchedReport> {
  const { principal } = await createAccount(deps, { name: 'untouched' })
  const following = followWrites(deps, { quietMs: 3_600_000, mostWaitMs: 3_600_000 })
  const taken = { without: [] as number[], with: [] as number[], look: [] as number[] }
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    const startedAt = performance.now()
    await work()
    into.push(performance.now() - startedAt)
  }
  const draft = (to: Deps) =>
    createTestCaller(to, principal).cards.draft({ title: 'On nothing', body: '', privacyLevel: 'JOURNAL' })
  // What was written before counts as everything.
  await following.flush()
  for (let n = 0; n < writes; n++) {
    await timed(taken.without, () => draft(bare))
    await timed(taken.with, () => draft(deps))
    await timed(taken.look, () => following.flush())
  }
  await following.close()
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  return { writes, withoutMs: median(taken.without), withMs: median(taken.with), lookMs: median(taken.look) }
}
