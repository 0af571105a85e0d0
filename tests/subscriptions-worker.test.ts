import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount, createTestDeps } from '@extropy/api/testing'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { run } from '@extropy/server/testing'
import { expect, onTestFinished, test } from 'vitest'

const serverUrl = process.env.TEST_DATABASE_URL

test.skipIf(serverUrl === undefined)(
  'a worker apart follows what other programs write, also where no server runs',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'extropy-worker-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const template = await createTemplate(serverUrl)
    onTestFinished(() => removeTemplate(template))
    const database = await createTestDatabase(template)
    onTestFinished(() => database.close())
    const user = await createAccount(await createTestDeps(database))
    const question = 'What does the quoll eat?'
    const { id } = await user.as().subscriptions.create({ kind: 'answer', question })

    const env = { DATABASE_URL: database.url, LOG_LEVEL: 'error' }
    const worker = run('apps/server/src/worker.ts', [], env)
    onTestFinished(() => void worker.child.kill('SIGKILL'))
    await worker.waitFor(/Running jobs/)
    const isCurrent = async () => {
      const { touched, answered } = await database.db
        .selectFrom('subscriptions')
        .select(['touched', 'answered'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return touched !== '0' && touched === answered
    }
    // What was written before it began.
    await expect.poll(isCurrent, { timeout: 60_000 }).toBe(true)

    const file = join(folder, 'post.jsonl')
    const post = { platform: 'web', source_url: 'https://example.org/q', author: 'Ana', title: 'On quolls' }
    await writeFile(file, JSON.stringify({ ...post, body: 'The quoll eats moths.' }))
    expect(await run('apps/server/src/cli/ingest.ts', [file], env).exit()).toBe(0)
    const told = async () => (await user.as().subscriptions.changes({ id })).items.flatMap((change) => change.new)
    await expect.poll(told, { timeout: 60_000 }).toMatchObject([{ text: 'The quoll eats moths.' }])
  },
  180_000,
)
