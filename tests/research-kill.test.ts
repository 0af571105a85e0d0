import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { appJobs, openWorker } from '@extropy/api'
import { contentLine, createAccount, createTestDeps, ingestLines } from '@extropy/api/testing'
import { createDatabase, migrate } from '@extropy/db'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createFakeWriter } from './research-kill/fake-writer.ts'

const program = join(import.meta.dirname, 'research-kill/worker-process.ts')
const budget = { requests: 10, seconds: 3000, tokens: 100_000 }
const session = {
  name: 'Tides',
  brief: 'We want to know more of the sea.',
  questions: ['What raises the tides in harbours?', 'Who steered the submarine?'],
  targetAuthorities: ['Bo Sailor'],
  budget,
}

/** Receipts say when they were read: the only difference between two runs over the same contents. */
const timeless = (report = '') => report.replaceAll(/Read \S+ Receipt: \S+/g, 'Read.')

/** Runs until it kills itself or ends; the signal that ended it, null where none did. */
async function runOnce(folder: string, log: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [program, folder, log], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // A start takes three fifths of its time with this.
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/node-compile') },
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (signal === null) expect(code).toBe(0)
  return signal
}

test('a research session whose process is killed behind each of its steps ends with the undisturbed report', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-research-kill-'))
  const log = join(folder, 'steps.log')
  try {
    const { id, userId, undisturbed } = await begin(join(folder, 'database'))
    let kills = 0
    while ((await runOnce(join(folder, 'database'), log)) === 'SIGKILL') kills++

    const lines = (await readFile(log, 'utf8')).trim().split('\n')
    const noted = lines.map((line) => JSON.parse(line) as { step?: string; characters?: number })
    const steps = noted.flatMap(({ step }) => step ?? [])
    expect(steps).toContain('report')
    expect(kills).toBe(steps.length)
    expect(new Set(steps).size).toBe(steps.length)

    const handle = await createDatabase({ url: join(folder, 'database') })
    const ended = await handle.db
      .selectFrom('researchSessions')
      .select(['status', 'spent', 'outputs'])
      .where('id', '=', id)
      .where('userId', '=', userId)
      .executeTakeFirstOrThrow()
    await handle.close()
    expect(ended.status).toBe('completed')
    expect(timeless((ended.outputs as { report?: string }).report)).toBe(timeless(undisturbed))
    const characters = noted.reduce((sum, { characters: each = 0 }) => sum + each, 0)
    expect(characters).toBeGreaterThan(0)
    expect(ended.spent.tokens).toBeGreaterThanOrEqual(Math.floor(characters / 3))
    expect(ended.spent.tokens).toBeLessThanOrEqual(budget.tokens)
    expect(ended.spent.requests).toBeLessThanOrEqual(budget.requests)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 240_000)

/** A session that ran to its end, and the same again that waits. */
async function begin(url: string) {
  const handle = await createDatabase({ url })
  await migrate(handle)
  const deps = { ...(await createTestDeps(handle)), writer: createFakeWriter(() => {}) }
  await ingestLines(deps, [
    contentLine({ title: 'Harbours', body: 'The moon raises the tides in most harbours.' }),
    contentLine({ title: 'Ships', author: 'Bo Sailor', body: 'Captain Nemo steered the submarine to the harbour.' }),
  ])
  const owner = await createAccount(deps)
  const first = await owner.as().researchSessions.create(session)
  const worker = openWorker(deps, { jobs: appJobs.filter(({ kind }) => kind === 'research.run') })
  const read = () => owner.as().researchSessions.byId({ id: first.id })
  while ((await read()).status === 'in_progress') await setTimeout(20)
  await worker.close()
  const { outputs } = await read()
  expect(outputs.answers?.[0]?.voices[0]?.kind).toBe('generated')
  const { id } = await owner.as().researchSessions.create(session)
  // Each process that is killed is a run of its job.
  await sql`update jobs set max_attempts = 100 where status = 'queued'`.execute(handle.db)
  await handle.close()
  return { id, userId: owner.userId, undisturbed: outputs.report }
}
