import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createTestFolder } from '@extropy/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { runCommands } from '../testing/server-process.ts'

test('a collection goes into a file, and from there into an empty database, as it was', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-export-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [one, other] = [await createTestFolder(join(folder, 'one')), await createTestFolder(join(folder, 'other'))]
  const command = async (database: string, name: string, file: string) => {
    const env = { DATABASE_URL: database, LOG_LEVEL: 'error', LOAD_SAMPLE: 'never' }
    const [result] = await runCommands([[`apps/server/src/cli/${name}.ts`, [join(folder, file)]]], env)
    return result
  }
  const post = { platform: 'web', author: 'Ana', title: 'Tides', body: 'The moon raises the tides.' }
  const posts = [1, 2, 3].map((n) => JSON.stringify({ ...post, source_url: `https://example.org/${n}` }))
  await writeFile(join(folder, 'posts.jsonl'), posts.join('\n'))
  expect(await command(one, 'ingest', 'posts.jsonl')).toMatchObject({ status: 0 })
  expect(await command(one, 'export', 'one.jsonl.gz')).toMatchObject({ status: 0 })
  expect(await command(other, 'import', 'one.jsonl.gz')).toMatchObject({
    status: 0,
    output: expect.stringContaining('3 new, 0 changed, 0 unchanged'),
  })
  expect(await command(other, 'export', 'other.jsonl')).toMatchObject({ status: 0 })
  const before = gunzipSync(await readFile(join(folder, 'one.jsonl.gz'))).toString()
  const after = await readFile(join(folder, 'other.jsonl'), 'utf8')
  const rowsOf = (text: string) => text.split('\n').slice(1)
  expect(rowsOf(after)).toEqual(rowsOf(before))
  expect(rowsOf(after).filter((line) => line.startsWith('{"type":"contents"'))).toHaveLength(3)

  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
})
