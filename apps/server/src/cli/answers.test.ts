import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run, startServer } from '../testing/server-process.ts'

test('an answer is asked for, printed with its sources, saved, and verified after its source has changed', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-answers-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const DATABASE_URL = join(folder, 'data')
  const env = { DATABASE_URL, LOG_LEVEL: 'error', LOAD_SAMPLE: 'never' }
  const command = async (name: string, args: readonly string[], more: Record<string, string> = {}) => {
    const process = run(`apps/server/src/cli/${name}.ts`, args, { ...env, ...more })
    return { status: await process.exit(), output: process.output() }
  }
  const ingest = async (body: string) => {
    const post = { platform: 'web', source_url: 'https://example.org/tides', author: 'Ana', title: 'Tides', body }
    await writeFile(join(folder, 'posts.jsonl'), JSON.stringify(post))
    expect(await command('ingest', [join(folder, 'posts.jsonl')])).toMatchObject({ status: 0 })
  }
  await ingest('The moon raises the tides twice a day.')

  const server = await startServer(env)
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const asked = await command('ask', ['what raises', 'the tides'], { EXTROPY_URL: server.url })
  expect(asked.status).toBe(0)
  expect(asked.output).toBe(
    'The moon raises the tides twice a day. [1]\n\n[1] Tides (Ana)\n    https://example.org/tides\n',
  )
  const unknown = await command('ask', ['who makes pizza'], { EXTROPY_URL: server.url })
  expect(unknown).toMatchObject({ status: 1, output: 'Nothing here is about «pizza», «makes».\n' })
  const answer = await fetch(`${server.url}/query/answer?prompt=what+raises+the+tides`)
  await writeFile(join(folder, 'answer.txt'), await answer.text())
  server.child.kill('SIGTERM')
  await server.exit()

  expect(await command('ask', ['what'], { EXTROPY_URL: server.url })).toMatchObject({
    status: 1,
    output: `No server answers at ${server.url}. Start one with \`pnpm start\`, or name another in EXTROPY_URL.\n`,
  })
  expect(await command('verify-answer', [join(folder, 'answer.txt')])).toMatchObject({
    status: 0,
    output: expect.stringMatching(/^unchanged +The moon raises/),
  })
  await ingest('The sun raises the tides twice a day.')
  expect(await command('verify-answer', [join(folder, 'answer.txt')])).toMatchObject({
    status: 1,
    output: expect.stringMatching(/^changed +The moon raises/),
  })
  expect(await command('verify-answer', [join(folder, 'posts.jsonl')])).toMatchObject({ status: 1 })
  expect(await command('verify-answer', [])).toMatchObject({ status: 2 })
})
