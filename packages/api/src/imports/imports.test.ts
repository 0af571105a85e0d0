import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { makeZip } from '@extropy/intake/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { storeArticles } from '../looks/store-articles.ts'
import { createSpool, safeName } from '../spool/spool.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { importJob, pruneSpoolJob } from './import.job.ts'
import { commandContext } from './store-archive.ts'

let database: TestDatabase
let folder: string
let deps: Deps
let worker: Worker
let ada: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  folder = await mkdtemp(join(tmpdir(), 'extropy-imports-'))
  deps = { ...(await createTestDeps(database)), spool: createSpool({ folder, maxBytes: 1_000_000 }) }
  worker = openWorker(deps, { jobs: appJobs })
  ada = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
  await database.db.deleteFrom('sources').execute()
})
afterAll(async () => {
  await worker.close()
  await rm(folder, { recursive: true })
  await database.close()
})

const signal = new AbortController().signal
const receive = (bytes: Buffer | string) => deps.spool?.receive(one(bytes), { signal })
async function* one(bytes: Buffer | string) {
  yield Buffer.from(bytes)
}

async function upload(bytes: Buffer | string, input: { name?: string; follow?: boolean } = {}, account = ada) {
  const caller = createTestCaller({ ...deps, upload: await receive(bytes) } as Deps, account.principal)
  return caller.imports.create(input)
}

/** Its import when it has ended. */
async function run(bytes: Buffer | string, input: { name?: string; follow?: boolean } = {}) {
  const { id } = await upload(bytes, input)
  return ended(id)
}

async function ended(id: string) {
  await expect.poll(async () => (await ada.as().imports.byId({ id })).finishedAt, { timeout: 20_000 }).not.toBeNull()
  return ada.as().imports.byId({ id })
}

const contents = () => database.db.selectFrom('contents').selectAll().orderBy('sourceUrl').execute()
const script = (name: string, entries: unknown) => `window.YTD.${name}.part0 = ${JSON.stringify(entries)}`
const xArchive = (posts: readonly { id: string; text: string; likes: number }[]) =>
  makeZip([
    { name: 'data/account.js', bytes: script('account', [{ account: { username: 'ines_moor' } }]) },
    {
      name: 'data/tweets.js',
      bytes: script(
        'tweets',
        posts.map(({ id, text, likes }) => ({
          tweet: {
            id_str: id,
            full_text: text,
            created_at: 'Sat Mar 01 08:30:00 +0000 2025',
            favorite_count: `${likes}`,
          },
        })),
      ),
    },
  ])
const prose = (subject: string) => `The ${subject} is told of at some length here. `.repeat(10).trim()

describe('an import', () => {
  test('says how many came in, what was left out and what cannot be read; twice it changes nothing; its file is gone', async () => {
    const zip = makeZip([
      { name: 'a.md', bytes: '# A\n\nText.' },
      { name: 'b.md', bytes: '---\ndraft: true\n---\nSECRET' },
      {
        name: 'c.json',
        bytes: '[{"source_url":"https://example.org/c","title":"C","author":"Ana","platform":"myspace"}]',
      },
    ])
    const first = await run(zip, { name: 'notes.zip' })
    expect(first).toMatchObject({ name: 'notes.zip', status: 'succeeded', progress: { done: 2, total: 2 } })
    expect(first.report).toEqual({
      formats: ['markdown', 'json'],
      new: 1,
      changed: 0,
      unchanged: 0,
      rejected: 1,
      skipped: { draft: 1 },
      problemCount: 1,
      problems: [expect.stringMatching(/^c\.json, https:\/\/example\.org\/c: platform must be one of/)],
      feeds: { found: 0, added: 0, known: 0, refused: 0 },
    })
    expect((await run(zip, { name: 'notes.zip' })).report).toMatchObject({ new: 0, changed: 0, unchanged: 1 })
    expect((await contents()).map(({ sourceUrl }) => sourceUrl)).toEqual(['urn:extropy:file:notes/a.md'])
    expect(await readdir(folder)).toEqual([])
  })

  test('follows the feeds of an OPML file only where that is asked for', async () => {
    const opml = `<opml version="2.0"><body><outline text="Fens"><outline type="rss" text="Moor" xmlUrl="https://moor.example.org/feed.xml"/></outline>
      <outline type="rss" text="Ftp" xmlUrl="ftp://old.example.org/feed"/></body></opml>`
    const sources = () => database.db.selectFrom('sources').select(['url', 'addedBy', 'folders']).execute()
    expect((await run(opml)).report).toMatchObject({ feeds: { found: 1, added: 0 }, problemCount: 1 })
    expect(await sources()).toEqual([])
    expect((await run(opml, { follow: true })).report?.feeds).toEqual({ found: 1, added: 1, known: 0, refused: 0 })
    expect((await run(opml, { follow: true })).report?.feeds).toMatchObject({ added: 0, known: 1 })
    expect(await sources()).toEqual([
      { url: 'https://moor.example.org/feed.xml', addedBy: ada.userId, folders: ['Fens'] },
    ])
  })

  test.each([
    [
      'an HTML page',
      '<!doctype html><html><head><title>Feed</title></head><body>No feed</body></html>',
      /is a web page/,
    ],
    ['a zip with a name that leads out of it', makeZip([{ name: '../evil.md', bytes: 'x' }]), /leads out of the zip/],
    ['an encrypted zip', makeZip([{ name: 'a.md', bytes: 'x', encrypted: true }]), /encrypted/],
    ['an empty zip', makeZip([]), /no file in it/],
    ['a bomb', makeZip([{ name: 'a.md', bytes: Buffer.alloc(80 * 2 ** 20) }]), /no true export/],
    ['half of a zip', makeZip([{ name: 'a.md', bytes: 'x' }]).subarray(0, 30), /cut off/],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /What can be read/],
  ])('of %s fails for good with its reason, and leaves nothing', async (_, bytes, reason) => {
    const failed = await run(bytes)
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringMatching(reason), report: null })
    expect(await contents()).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  test('that is cancelled while it waits is over, and its file gone', async () => {
    await worker.close()
    const { id } = await upload('# A\n\nText.', { name: 'a.md' })
    const stranger = await createAccount(deps)
    await expect(stranger.as().imports.cancel({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readdir(folder)).toHaveLength(1)
    expect(await ada.as().imports.cancel({ id })).toMatchObject({ status: 'cancelled' })
    expect(await readdir(folder)).toEqual([])
    await ada.as().jobs.retry({ id })
    worker = openWorker(deps, { jobs: appJobs })
    expect(await ended(id)).toMatchObject({ status: 'failed', error: 'The file is no longer there: send it again.' })
  })

  test('of no job of this kind is none', async () => {
    const { jobId } = await ada.as().sources.create({ target: 'https://example.org/feed.xml' })
    await expect(ada.as().imports.byId({ id: jobId as string })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ada.as().imports.create({})).rejects.toThrow(/POST \/api\/imports/)
    expect((await admin.as().imports.list({})).items.length).toBeGreaterThan(0)
  })
})

describe('one piece from an archive, a feed and a page is one content:', () => {
  const look = (articles: Parameters<typeof storeArticles>[1]) =>
    storeArticles(commandContext(deps), articles, { platform: 'web', key: 'https://example.org/' })

  test('by its address, by other addresses, by its text; all of them lead to it', async () => {
    const post = { title: 'Moss', body: prose('moss'), author: { username: 'Ines' } }
    const list = [{ source_url: 'https://moor.example.org/moss', title: 'Moss', body: prose('moss'), author: 'Ines' }]
    const file = JSON.stringify(list)
    expect((await run(file, { name: 'posts.json' })).report).toMatchObject({ new: 1 })
    expect((await run(file, { name: 'posts.json' })).report).toMatchObject({ new: 0, unchanged: 1 })
    await look([{ ...post, url: 'https://moor.example.org/moss?utm_source=feed' }])
    await look([{ ...post, url: 'https://moor.example.org/moss/print', aliases: ['https://moor.example.org/moss'] }])
    await look([{ ...post, url: 'https://elsewhere.example.org/moss' }])
    const [content, ...others] = await contents()
    expect(others).toEqual([])
    expect(content).toMatchObject({ sourceUrl: 'https://moor.example.org/moss', author: 'Ines' })
    const caller = createTestCaller(deps)
    for (const sourceUrl of [
      'https://moor.example.org/moss/print',
      'https://elsewhere.example.org/moss?utm_source=x',
    ]) {
      expect((await caller.contents.list({ sourceUrl })).items).toMatchObject([{ id: content?.id }])
    }
    expect((await caller.contents.list({ sourceUrl: 'https://moor.example.org/none' })).items).toEqual([])
  })

  test('an older archive brings back neither old counts nor a shorter text; a feed’s summary takes nothing away', async () => {
    const url = 'https://x.com/ines_moor/status/1'
    const zip = (likes: number, text = 'Peat grows a millimetre a year.') => xArchive([{ id: '1', text, likes }])
    await run(zip(9))
    await run(zip(5))
    expect((await contents())[0]).toMatchObject({ metrics: { likes: 9 }, platform: 'twitter' })
    await run(zip(12, 'Peat grows.'))
    expect((await contents())[0]).toMatchObject({ metrics: { likes: 12 }, body: 'Peat grows a millimetre a year.' })
    await look([{ url, title: 'Peat', body: 'Peat …', metrics: { likes: 11 } }])
    expect(await contents()).toMatchObject([
      { body: 'Peat grows a millimetre a year.', metrics: { likes: 11 }, author: 'ines_moor', platform: 'twitter' },
    ])
  })

  test('a piece that stands twice in one archive is one content; twice imported, nothing changes', async () => {
    const notes = makeZip(['a', 'b'].map((name) => ({ name: `${name}.md`, bytes: `# ${name}\n\n${prose('fen')}` })))
    expect((await run(notes, { name: 'fens.zip' })).report).toMatchObject({ new: 1, unchanged: 1 })
    expect((await run(notes, { name: 'fens.zip' })).report).toMatchObject({ new: 0, changed: 0, unchanged: 2 })
    expect(await contents()).toMatchObject([{ title: 'a', sourceUrl: 'urn:extropy:file:fens/a.md' }])
  })

  test('rows that are written for ingest are as many contents as they have addresses', async () => {
    const rows = ['a', 'b'].map((name) => ({
      source_url: `https://x.example.org/fens#${name}`,
      title: name,
      body: prose('fen'),
      author: 'I',
    }))
    const file = rows.map((row) => JSON.stringify(row)).join('\n')
    expect((await run(file, { name: 'rows.jsonl' })).report).toMatchObject({ new: 2 })
    expect((await run(file, { name: 'rows.jsonl' })).report).toMatchObject({ new: 0, changed: 0, unchanged: 2 })
  })

  test('a merge can be undone, and done again', async () => {
    const post = { title: 'Heath', body: prose('heath'), author: { username: 'Ines' } }
    const url = 'https://copy.example.org/heath'
    await look([{ ...post, url: 'https://moor.example.org/heath' }])
    await look([{ ...post, url }])
    const [{ id } = { id: '' }, ...others] = await contents()
    expect(others).toEqual([])
    expect((await admin.as().contents.aliases({ id })).items).toMatchObject([{ url, reason: 'text', isUndone: false }])
    await expect(ada.as().contents.removeAlias({ id, url })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await admin.as().contents.removeAlias({ id, url: `${url}?utm_source=x` })
    await look([{ ...post, url }])
    expect((await contents()).map(({ sourceUrl }) => sourceUrl)).toEqual([url, 'https://moor.example.org/heath'])
    await look([{ ...post, url }])
    expect(await contents()).toHaveLength(2)
    await admin.as().contents.addAlias({ id, url })
    await look([{ ...post, url }])
    expect(await contents()).toMatchObject([{ id }])
    await expect(admin.as().contents.removeAlias({ id, url: 'https://no.example.org/' })).rejects.toThrow(
      /no other address/,
    )
  })
})

describe('the spool', () => {
  test('keeps nothing of what breaks off, is empty, or too large, and says when the disk is full', async () => {
    const spool = deps.spool as NonNullable<Deps['spool']>
    async function* broken() {
      yield Buffer.from('a')
      throw new Error('the caller has gone')
    }
    await expect(spool.receive(broken(), { signal })).rejects.toThrow('the caller has gone')
    await expect(spool.receive(one(''), { signal })).rejects.toMatchObject({ reason: 'invalid_input' })
    await expect(spool.receive(one(Buffer.alloc(1_000_001)), { signal })).rejects.toMatchObject({ reason: 'too_large' })
    await expect(spool.receive(one('a'), { signal, expectedBytes: 2e6 })).rejects.toMatchObject({ reason: 'too_large' })
    const full = createSpool({ folder, freeBytes: async () => 10 })
    await expect(full.receive(one('a'), { signal, expectedBytes: 11 })).rejects.toMatchObject({
      reason: 'storage_full',
    })
    async function* untilFull() {
      yield Buffer.from('a')
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    await expect(full.receive(untilFull(), { signal })).rejects.toMatchObject({ reason: 'storage_full' })
    expect(await readdir(folder)).toEqual([])
  })

  test('is closed to others', async () => {
    const file = await receive('a')
    const path = join(folder, file?.id as string, 'part')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, file?.id as string))).mode & 0o777).toBe(0o700)
    await deps.spool?.remove(file?.id as string)
  })

  test('takes no names that lead anywhere', () => {
    expect(safeName('../../etc/passwd')).toBe('etc/passwd')
    expect(safeName('..\\evil.md')).toBe('import/evil.md')
    expect(safeName('/posts/2024/a.md')).toBe('2024/a.md')
    expect(safeName('.hidden')).toBe('import/hidden')
    expect(safeName('\0..')).toBe('import/upload')
    expect(safeName(`${'ü'.repeat(400)}.zip`)).toBe(`import/${'ü'.repeat(100)}.zip`)
  })

  test('a file that nobody wants any more goes after a day, one whose import waits stays', async () => {
    await worker.close()
    await writeFile(join(folder, 'not-ours'), '')
    const { id } = await upload('# A', { name: 'a.md' })
    const [waiting] = (await readdir(folder)).filter((name) => name !== 'not-ours')
    const { id: unwanted } = (await receive('a')) as { id: string }
    const prune = () => pruneSpoolJob.run({ deps } as Parameters<typeof pruneSpoolJob.run>[0])
    expect(await prune()).toEqual({ removed: 0 })
    const longAgo = new Date(Date.now() - 2 * 86_400_000)
    for (const name of await readdir(folder)) await utimes(join(folder, name), longAgo, longAgo)
    expect(await prune()).toEqual({ removed: 1 })
    expect((await readdir(folder)).sort()).toEqual([waiting, 'not-ours'].sort())
    expect(unwanted).not.toBe(waiting)
    await ada.as().imports.cancel({ id })
    await rm(join(folder, 'not-ours'))
    worker = openWorker(deps, { jobs: appJobs })
  })

  test('of another machine that this worker does not see is left to another worker', async () => {
    const file = { id: '0190f3c4-1b2a-7def-8123-456789abcdef', name: 'import/a.md', bytes: 1, host: 'elsewhere' }
    const given = { file, follow: false, includePrivate: false }
    const { id } = await enqueue(deps.db, importJob, given, { userId: ada.userId })
    await expect
      .poll(async () => (await ada.as().imports.byId({ id })).error, { timeout: 10_000 })
      .toMatch(/IMPORT_DIR/)
    expect((await ada.as().imports.byId({ id })).status).toBe('queued')
    await ada.as().imports.cancel({ id })
  })
})
