import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { openWorker } from '../jobs/worker.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { contentLine, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { researchJob } from './research.job.ts'
import { settleSessions } from './settle-sessions.ts'

let database: TestDatabase
let deps: Deps
let owner: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  owner = await createAccount(deps)
  await ingestLines(deps, [
    contentLine({ source_url: moonUrl, title: 'Harbours', body: 'The moon raises the tides in most **harbours**.' }),
    contentLine({ title: 'Ships', author: 'Bo Sailor', body: 'Captain Nemo steered the submarine to the harbour.' }),
  ])
})
const closing: Promise<void>[] = []
afterAll(async () => {
  await Promise.all(closing)
  await database.close()
})

const moonUrl = 'https://example.org/moon'
const job = {
  name: 'Tides',
  brief: 'We want to know more of the sea.',
  questions: ['What raises the tides in harbours?', 'Who steered the submarine?', 'How many pizzas does Naples bake?'],
  targetAuthorities: ['Bo Sailor'],
}

type Session = Awaited<ReturnType<ReturnType<TestAccount['as']>['researchSessions']['byId']>>

/** Lets a worker run until the session has ended. */
async function runToEnd(id: string, job = researchJob): Promise<Session> {
  const worker = openWorker(deps, { jobs: [job] })
  try {
    for (;;) {
      const session = await owner.as().researchSessions.byId({ id })
      if (session.status !== 'in_progress') return session
      worker.hear('')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    await worker.close()
  }
}

const research = async (input = job) => runToEnd((await owner.as().researchSessions.create(input)).id)

/** Receipts say when they were read: the only difference between two runs over the same contents. */
const timeless = (report = '') => report.replaceAll(/Read \S+ Receipt: \S+/g, 'Read.')

describe('a session', () => {
  test('answers each question, also in an authority’s words, with a receipt a sentence, and says what is unknown', async () => {
    const { status, outputs, contentsFound, spent } = await research()
    expect(status).toBe('completed')
    expect(contentsFound).toBe(2)
    expect(spent).toMatchObject({ requests: 0, tokens: 0 })
    const [tides, submarine, pizza] = outputs.answers ?? []
    expect(tides).toMatchObject({ voices: [{ author: null, kind: 'extracted' }], change: 'new' })
    expect(tides?.voices[0]?.sentences[0]?.text).toBe('The moon raises the tides in most harbours.')
    expect(submarine?.voices.map(({ author }) => author)).toEqual([null, 'Bo Sailor'])
    expect(pizza).toMatchObject({ voices: [], notice: expect.stringMatching(/pizza|Naples/i) })
    const { report = '' } = outputs
    expect(report).toContain('# Tides\n\n> We want to know more of the sea.')
    expect(report).toMatch(/The moon raises the tides in most harbours\.\[\^1\]/)
    for (const [, id = ''] of report.matchAll(/\/api\/receipts\/(\S+)/g)) {
      expect(await owner.as().receipts.byId({ id })).toMatchObject({ status: 'unchanged' })
    }
    const said = outputs.answers?.flatMap(({ voices }) => voices.flatMap(({ sentences }) => sentences)) ?? []
    expect(said.every(({ receipts }) => receipts.length > 0)).toBe(true)
    expect(report.match(/\/api\/receipts\//g)).toHaveLength(said.flatMap(({ receipts }) => receipts).length)
  })

  test('names every content that its receipts are of, also one that has little to do with the question', async () => {
    const { outputs } = await research({ ...job, questions: ['What was published in January 2026?'] })
    const cited = outputs.answers?.flatMap(({ voices }) =>
      voices.flatMap(({ sentences }) => sentences.flatMap(({ receipts }) => receipts.map((each) => each.contentId))),
    )
    const found = outputs.found?.map(({ contentId }) => contentId)
    expect(cited?.filter((id) => !found?.includes(id))).not.toEqual([])
    expect(new Set(outputs.cited?.map(({ contentId }) => contentId))).toEqual(new Set(cited))
    expect(outputs.cited?.map(({ title }) => title).sort()).toEqual(['Harbours', 'Ships'])
  })

  test('takes its questions from the brief, and the brief itself where that asks nothing', async () => {
    const asked = await research({
      ...job,
      questions: [],
      brief: 'I like the sea. Who steered the submarine? Why not?',
    })
    expect(asked.outputs.questions).toEqual(['Who steered the submarine?', 'Why not?'])
    const told = await research({ ...job, questions: [], brief: 'The submarine of the captain' })
    expect(told.outputs.questions).toEqual(['The submarine of the captain'])
  })

  test('run again changes what has changed, and nothing else', async () => {
    const { id, outputs: first } = await research()
    await owner.as().researchSessions.rerun({ id })
    const { outputs: second } = await runToEnd(id)
    expect(second.report).toBe(first.report)
    expect(second.answers?.map(({ change }) => change)).toEqual(['same', 'same', 'same'])

    await ingestLines(deps, [
      contentLine({
        source_url: moonUrl,
        title: 'Harbours',
        body: 'The sun and the moon raise the tides in harbours.',
      }),
    ])
    await owner.as().researchSessions.rerun({ id })
    const { outputs: third } = await runToEnd(id)
    expect(third.answers?.map(({ change }) => change)).toEqual(['changed', 'same', 'same'])
    expect(third.report).toContain('The sun and the moon raise the tides in harbours.')
  })

  test('that is cancelled ends at once, and its job with it; it can be run again', async () => {
    const { id, jobId } = await owner.as().researchSessions.create(job)
    const cancelled = await owner.as().researchSessions.cancel({ id })
    expect(cancelled).toMatchObject({ status: 'failed', outputs: { problem: 'It was cancelled.' } })
    expect(await owner.as().jobs.byId({ id: jobId ?? '' })).toMatchObject({ status: 'cancelled' })
    expect(await owner.as().researchSessions.cancel({ id })).toEqual(cancelled)
    expect((await owner.as().researchSessions.rerun({ id })).outputs.problem).toBeUndefined()
    await expect(owner.as().researchSessions.rerun({ id })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await runToEnd(id)).toMatchObject({ status: 'completed' })
  })
})

describe('a session whose job ends without a word to it', () => {
  const begin = async () => {
    const { id, jobId } = await owner.as().researchSessions.create(job)
    return { id, jobId: jobId ?? '' }
  }

  test('fails when the job is cancelled among the jobs', async () => {
    const { id, jobId } = await begin()
    await owner.as().jobs.cancel({ id: jobId })
    const settled = await runToEnd(id)
    expect(settled).toMatchObject({ status: 'failed', outputs: { problem: 'Its job was cancelled.' } })
    expect(settled.finishedAt).not.toBeNull()
  })

  test('fails when the job dies because its workers were lost', async () => {
    const { id, jobId } = await begin()
    await sql`update jobs set status = 'running', attempt = max_attempts, lease_until = now() - interval '1 s'
      where id = ${jobId}`.execute(deps.db)
    const { status, outputs } = await runToEnd(id)
    expect([status, outputs.problem]).toEqual(['failed', 'Its job was given up: The worker that ran it was lost.'])
  })

  test('goes on when that job is retried', async () => {
    const { id, jobId } = await begin()
    await owner.as().jobs.cancel({ id: jobId })
    await runToEnd(id)
    await owner.as().jobs.retry({ id: jobId })
    const worker = openWorker(deps, { jobs: [researchJob] })
    const ended = async () => (await owner.as().jobs.byId({ id: jobId })).status
    await expect.poll(ended, { timeout: 20_000 }).toBe('succeeded')
    await worker.close()
    const { status, outputs } = await owner.as().researchSessions.byId({ id })
    expect([status, outputs.problem, outputs.report === undefined]).toEqual(['completed', undefined, false])
  })

  test('is settled once, whoever looks: its webhooks hear of one end', async () => {
    await owner.as().webhooks.create({ url: 'https://example.org/hook' })
    const { id, jobId } = await begin()
    await owner.as().jobs.cancel({ id: jobId })
    await Promise.all([settleSessions(deps), settleSessions(deps), settleSessions(deps)])
    const told = await sql`select 1 from webhook_deliveries where body::text like ${`%${id}%`}`.execute(deps.db)
    expect(told.rows).toHaveLength(1)
  })
})

describe('text from outside', () => {
  test('brings no markup into the report', async () => {
    const { outputs } = await research({ ...job, name: '# <b>[x](javascript:1)`', questions: ['*Who* <i>?'] })
    expect(outputs.report).toContain('# \\# \\<b\\>\\[x\\](javascript:1)\\`')
    expect(outputs.report).toContain('## \\*Who\\* \\<i\\>?')
  })
})

describe('a run that is lost behind any of its steps', () => {
  test('goes on with the next one: the report is as if nothing had happened, and no step was run twice', async () => {
    const undisturbed = await research()
    const steps: string[] = []
    for (let lostAfter = 1; ; lostAfter++) {
      const { id } = await owner.as().researchSessions.create(job)
      const run = await loseAfter(id, lostAfter)
      if (run.kept.length < lostAfter) break
      steps.push(...run.kept.slice(-1))
      const ran: string[] = []
      const resumed = await runToEnd(
        id,
        observed((name) => ran.push(name)),
      )
      expect(timeless(resumed.outputs.report)).toBe(timeless(undisturbed.outputs.report))
      expect(ran.filter((name) => run.kept.includes(name))).toEqual([])
      expect(new Set([...run.kept, ...ran]).size).toBe(run.kept.length + ran.length)
    }
    expect(steps).toContain('report')
    expect(steps.length).toBeGreaterThanOrEqual(8)
  })
})

/** The same job, telling each checkpoint's work that really runs. */
function observed(onWork: (name: string) => void, after: (name: string) => Promise<void> = async () => {}) {
  return {
    ...researchJob,
    run: (context: Parameters<typeof researchJob.run>[0]) =>
      researchJob.run({
        ...context,
        checkpoint: async (name, work) => {
          const result = await context.checkpoint(name, () => {
            onWork(name)
            return work()
          })
          await after(name)
          return result
        },
      }),
  }
}

/** Runs a session until so many steps are kept; then the worker is as good as dead, and its lease is over. */
async function loseAfter(id: string, count: number): Promise<{ kept: string[] }> {
  const kept: string[] = []
  const { promise: lost, resolve } = Promise.withResolvers<void>()
  const worker = openWorker(deps, {
    jobs: [
      observed(
        (name) => kept.push(name),
        async () => {
          if (kept.length < count) return
          resolve()
          await new Promise(() => {})
        },
      ),
    ],
    graceMs: 0,
  })
  worker.hear('')
  const ended = runEnds(id)
  await Promise.race([lost, ended])
  await sql`update jobs set status = 'queued', lease_until = null, run_after = now(), fence = fence + 1
    where status = 'running' and input ->> 'sessionId' = ${id}`.execute(deps.db)
  // Its run hangs: closing waits for it, and the next worker need not.
  closing.push(worker.close())
  return { kept }
}

async function runEnds(id: string): Promise<void> {
  while ((await owner.as().researchSessions.byId({ id })).status === 'in_progress') {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
