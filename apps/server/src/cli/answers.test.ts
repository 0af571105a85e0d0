import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestFolder } from '@extropy/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { runCommands, startServer } from '../testing/server-process.ts'

test('an answer is asked for, printed with its sources, saved, and verified after its source has changed', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-answers-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const DATABASE_URL = await createTestFolder(join(folder, 'data'))
  const env = { DATABASE_URL, LOG_LEVEL: 'error', LOAD_SAMPLE: 'never' }
  const commands = (calls: readonly (readonly [name: string, args: readonly string[]])[], more = {}) =>
    runCommands(
      calls.map(([name, args]) => [`apps/server/src/cli/${name}.ts`, args]),
      { ...env, ...more },
    )
  const [moon, sun, answered] = ['moon.jsonl', 'sun.jsonl', 'answer.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const post = { platform: 'web', source_url: 'https://example.org/tides', author: 'Ana', title: 'Tides' }
  await writeFile(moon, JSON.stringify({ ...post, body: 'The moon raises the tides twice a day.' }))
  await writeFile(sun, JSON.stringify({ ...post, body: 'The sun raises the tides twice a day.' }))
  expect(await commands([['ingest', [moon]]])).toMatchObject([{ status: 0 }])

  const server = await startServer(env)
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const EXTROPY_URL = server.url
  const asked = await commands(
    [
      ['ask', ['what raises', 'the tides']],
      ['ask', ['who makes pizza']],
    ],
    { EXTROPY_URL },
  )
  expect(asked).toEqual([
    {
      status: 0,
      output: 'The moon raises the tides twice a day. [1]\n\n[1] Tides (Ana)\n    https://example.org/tides\n',
    },
    { status: 1, output: 'Nothing here is about «pizza».\n' },
  ])
  const answer = await fetch(`${server.url}/query/answer?prompt=what+raises+the+tides`)
  await writeFile(answered, await answer.text())
  server.child.kill('SIGTERM')
  await server.exit()

  const verified = await commands(
    [
      ['ask', ['what']],
      ['verify-answer', [answered]],
      ['ingest', [sun]],
      ['verify-answer', [answered]],
      ['verify-answer', [moon]],
      ['verify-answer', []],
    ],
    { EXTROPY_URL },
  )
  expect(verified).toMatchObject([
    {
      status: 1,
      output: `No server answers at ${server.url}. Start one with \`pnpm start\`, or name another in EXTROPY_URL.\n`,
    },
    { status: 0, output: expect.stringMatching(/^unchanged +The moon raises/) },
    { status: 0 },
    { status: 1, output: expect.stringMatching(/^changed +The moon raises/) },
    { status: 1 },
    { status: 2 },
  ])
})
