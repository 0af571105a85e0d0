import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createDatabase } from '@extropy/db'
import { createTestFolder } from '@extropy/db/testing'
import { run } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const posts = 300

/** A model that answers after a moment: these tests are about what is stored, and the local one takes a core for half a minute. */
const model = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const { input } = JSON.parse(text) as { input: string[] }
  await setTimeout(50)
  const data = input.map((_, index) => ({ object: 'embedding', index, embedding: [1, 0, 0] }))
  const usage = { prompt_tokens: 1, total_tokens: 1 }
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ object: 'list', model: 'm', data, usage }))
})

let folder: string
let file: string
beforeAll(async () => {
  model.listen(0, '127.0.0.1')
  await once(model, 'listening')
  folder = await mkdtemp(join(tmpdir(), 'extropy-ingest-'))
  file = join(folder, 'posts.jsonl.gz')
  await writeFile(file, gzipSync(Array.from({ length: posts }, (_, n) => line(n)).join('\n')))
})
afterAll(async () => {
  model.closeAllConnections()
  model.close()
  await rm(folder, { recursive: true })
})

function line(n: number, body = `This is post number ${n}. `.repeat(150)): string {
  const [platform, source_url] = ['web', `https://example.org/${n}`]
  return JSON.stringify({ platform, source_url, author: `Author ${n % 7}`, title: `Post ${n}`, body })
}

const ingest = (args: string[], dataFolder: string) =>
  run('apps/server/src/cli/ingest.ts', args, {
    DATABASE_URL: dataFolder,
    EMBEDDING_PROVIDER: 'openai-compatible',
    EMBEDDING_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
    EMBEDDING_MODEL: 'm',
    EMBEDDING_DIMENSION: '3',
  })

/** How many contents there are, and how many of them lack passages, authors or the index of their vectors. */
async function inspect(dataFolder: string) {
  const database = await createDatabase({ url: dataFolder })
  const rows = await database.db
    .selectFrom('contents')
    .select(({ selectFrom }) => [
      'contents.id',
      selectFrom('contentChunks')
        .whereRef('contentId', '=', 'contents.id')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('passages'),
      selectFrom('contentAuthors')
        .whereRef('contentId', '=', 'contents.id')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('authors'),
    ])
    .execute()
  await database.close()
  return {
    contents: rows.length,
    partial: rows.filter((row) => Number(row.passages) < 4 || row.authors !== '1').length,
  }
}

test('an ingest that is killed half-way leaves whole contents only; run again, it finishes', async () => {
  const dataFolder = await createTestFolder(join(folder, 'killed'))
  // The bad line is named when the batches before its own are stored; then comes its own.
  const lines = Array.from({ length: posts }, (_, n) => (n === posts - 20 ? '{"cut' : line(n)))
  const marked = join(folder, 'marked.jsonl')
  await writeFile(marked, lines.join('\n'))
  const killed = ingest([marked, '--rejects', join(folder, 'marked.rejects.jsonl')], dataFolder)
  await killed.waitFor(/marked\.jsonl, line \d+/)
  killed.child.kill('SIGKILL')
  await killed.exit()
  const found = await inspect(dataFolder)
  expect(found.partial).toBe(0)
  expect(found.contents).toBeGreaterThan(0)
  expect(found.contents).toBeLessThan(posts)

  const finished = ingest([file], dataFolder)
  await finished.waitFor(/Vectors /)
  finished.child.kill('SIGINT')
  expect(await finished.exit()).toBe(0)
  expect(finished.output()).toContain('passages wait for their vectors: the server makes them')
  expect(finished.output()).toContain(`${posts - found.contents} contents stored`)
  expect(finished.output()).toContain(`${found.contents} unchanged`)
  expect(await inspect(dataFolder)).toEqual({ contents: posts, partial: 0 })
})

test('a bad line is named, kept in the rejects file as it was, and ends with status 1; the mended file then loads', async () => {
  const bad = join(folder, 'bad.jsonl')
  const rejects = join(folder, 'rejects.jsonl')
  const wrong = '{"platform":"web","source_url":"nonsense","author":"A","title":"T","body":"B"}'
  await writeFile(bad, [line(1), wrong, '', '{"cut', line(2)].join('\n'))
  const dataFolder = await createTestFolder(join(folder, 'bad'))
  const first = ingest([bad, '--rejects', rejects], dataFolder)
  expect(await first.exit()).toBe(1)
  expect(first.output()).toContain('bad.jsonl, line 2: source_url: must be an http or https URL')
  expect(first.output()).toContain('bad.jsonl, line 4: the line: must be JSON')
  expect(first.output()).toContain('2 contents stored')
  expect(await readFile(rejects, 'utf8')).toBe(`${wrong}\n{"cut\n`)

  await writeFile(rejects, wrong.replace('nonsense', 'https://example.org/mended'))
  expect(await ingest([rejects], dataFolder).exit()).toBe(0)
  expect((await inspect(dataFolder)).contents).toBe(3)
})

test('bad lines of several files go to one rejects file', async () => {
  const [first, second, rejects] = ['one.jsonl', 'two.jsonl', 'both.jsonl'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(first, '{"n":1}')
  await writeFile(second, '{"n":2}')
  expect(await ingest([first, second, '--rejects', rejects], await createTestFolder(join(folder, 'both'))).exit()).toBe(
    1,
  )
  expect(await readFile(rejects, 'utf8')).toBe('{"n":1}\n{"n":2}\n')
})

test('wrong calls are explained: no file, a missing file, an address', async () => {
  const none = ingest([], join(folder, 'none'))
  expect(await none.exit()).toBe(2)
  expect(none.output()).toContain('usage: pnpm ingest')
  const dataFolder = await createTestFolder(join(folder, 'missing'))
  const missing = ingest(['nowhere.jsonl', 'https://example.org/feed.xml'], dataFolder)
  expect(await missing.exit()).toBe(1)
  expect(missing.output()).toMatch(/^nowhere\.jsonl: there is no such file or folder/m)
  expect(missing.output()).toContain('https://example.org/feed.xml is an address on the web: pnpm follow')
  expect(missing.output()).not.toMatch(/\n\s+at /)
})

test('a file that cannot be read is named with the reason, the lines before that are stored, and the other files load', async () => {
  const dataFolder = await createTestFolder(join(folder, 'broken'))
  const [cut, table, good] = ['cut.jsonl.gz', 'table.csv', 'good.jsonl'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const zipped = await readFile(file)
  await writeFile(cut, zipped.subarray(0, zipped.length / 2))
  await writeFile(table, `name,size\n${'A,1\n'.repeat(1000)}`)
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await writeFile(good, line(1000))
  const broken = ingest([cut, table, empty, good], dataFolder)
  expect(await broken.exit()).toBe(1)
  const [, lines] =
    /cut\.jsonl\.gz: it breaks off: unexpected end of file\. The (\d+) whole lines/.exec(broken.output()) ?? []
  expect(broken.output()).toContain(`cut.jsonl.gz: ${lines} contents stored`)
  expect(broken.output()).toMatch(
    /^table\.csv is a table with the columns name, size.* What can be read: exports of X/m,
  )
  expect(broken.output()).not.toContain('table.csv, line')
  expect(broken.output()).toContain('empty has no file in it')
  expect(broken.output()).toContain('good.jsonl: 1 contents stored')
  expect(broken.output()).not.toMatch(/\n\s+at /)
  expect(Number(lines)).toBeGreaterThan(100)
  expect(await inspect(dataFolder)).toEqual({ contents: Number(lines) + 1, partial: 0 })
})

test('a folder, a table, a list and an export go in by one call, and what stays out is counted', async () => {
  const dataFolder = await createTestFolder(join(folder, 'many'))
  const [notes, table, list, scripts] = ['notes', 'posts.csv', 'posts.json', 'x'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  await mkdir(join(notes, 'sub'), { recursive: true })
  await mkdir(join(scripts, 'data'), { recursive: true })
  const text = 'A sentence about sand. '.repeat(200)
  await writeFile(join(notes, 'a.md'), `---\ntitle: Dunes\n---\n${text}`)
  await writeFile(join(notes, 'sub', 'b.md'), `---\ndraft: true\n---\n${text}`)
  await writeFile(join(notes, 'c.md'), '')
  await writeFile(table, `title,url,body,author\nA,https://a.example.org/,"${text}",Ines\nB,,,\n`)
  await writeFile(list, `[${line(1)}]`)
  await writeFile(
    join(scripts, 'data', 'tweets.js'),
    `window.YTD.tweets.part0 = [{"tweet":{"id_str":"1","full_text":"A post, ${text}"}},{"tweet":{"id_str":"2","full_text":"RT @a: no"}}]`,
  )
  const first = ingest([notes, table, list, scripts, '--author', 'Rosa'], dataFolder)
  expect(await first.exit()).toBe(1)
  expect(first.output()).toContain('notes: 1 contents stored')
  expect(first.output()).toContain('notes: left out: 1 drafts')
  expect(first.output()).toContain('notes, c.md: is empty')
  expect(first.output()).toContain('posts.csv: 1 contents stored')
  expect(first.output()).toContain('posts.csv, posts.csv: row 3 has no source_url')
  expect(first.output()).toContain('posts.json: 1 contents stored')
  expect(first.output()).toContain("x: left out: 1 reposts of other people's")
  const second = ingest([notes, table, list, scripts, '--author', 'Rosa'], dataFolder)
  await second.exit()
  expect(second.output()).not.toMatch(/[1-9] contents stored/)
  expect(await inspect(dataFolder)).toEqual({ contents: 4, partial: 0 })
})
