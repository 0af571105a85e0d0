import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { ArchiveEvent } from '@extropy/intake'
import { type Files, makeZip, withFiles } from '@extropy/intake/testing'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import type { Reject } from '../ingest/parse-line.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { commandContext, storeArchive } from './store-archive.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
  await database.db.deleteFrom('authors').execute()
})
afterAll(() => database.close())

async function ingestPath(path: string) {
  const others: ArchiveEvent[] = []
  const rejects: Reject[] = []
  const { created, changed, unchanged, rejected } = await storeArchive(commandContext(deps), path, {
    onReject: (reject) => rejects.push(reject),
    onOther: (event) => others.push(event),
  })
  return { stored: created + changed, created, changed, unchanged, rejected, rejects, others }
}

const contents = () => database.db.selectFrom('contents').selectAll().orderBy('sourceUrl').execute()

const script = (name: string, entries: unknown) => `window.YTD.${name}.part0 = ${JSON.stringify(entries)}`
const xArchive = (likes: number): Files => ({
  'data/account.js': script('account', [{ account: { username: 'ines_moor', accountDisplayName: 'Ines M.' } }]),
  'data/tweets.js': script('tweets', [
    {
      tweet: {
        id_str: '1',
        full_text: 'Peat grows.',
        created_at: 'Sat Mar 01 08:30:00 +0000 2025',
        favorite_count: `${likes}`,
        lang: 'en',
      },
    },
    { tweet: { id_str: '2', full_text: 'RT @tom: SECRET' } },
  ]),
  'data/direct-messages.js': script('direct_messages', [{ text: 'SECRET' }]),
})

test('an X archive goes in, twice at no cost, as a zip at no cost, and with its newest counts', async () => {
  await withFiles(xArchive(2), async (folder) => {
    expect(await ingestPath(folder)).toMatchObject({ stored: 1, rejected: 0 })
    expect(await ingestPath(folder)).toMatchObject({ stored: 0, unchanged: 1 })
    const zip = join(folder, 'x.zip')
    await writeFile(zip, makeZip(Object.entries(xArchive(2)).map(([name, bytes]) => ({ name, bytes }))))
    expect(await ingestPath(zip)).toMatchObject({ stored: 0, unchanged: 1 })
  })
  await withFiles(xArchive(5), async (folder) => {
    expect(await ingestPath(folder)).toMatchObject({ stored: 1, rejected: 0 })
  })
  const stored = await contents()
  expect(stored).toMatchObject([
    {
      sourceUrl: 'https://x.com/ines_moor/status/1',
      platform: 'twitter',
      title: 'Peat grows.',
      author: 'ines_moor',
      publishedAt: '2025-03-01T08:30:00Z',
      language: 'en',
      metrics: { likes: 5 },
    },
  ])
  expect(JSON.stringify(stored)).not.toContain('SECRET')
})

test('a folder of notes goes in twice with the same count; a changed note is an update', async () => {
  await withFiles(
    { 'a.md': '---\nsubtitle: On sand\n---\nText.', 'b/c.md': 'More.', 'd.md': '---\ndraft: true\n---\nSECRET' },
    async (folder) => {
      expect(await ingestPath(folder)).toMatchObject({ stored: 2 })
      expect(await ingestPath(folder)).toMatchObject({ stored: 0, unchanged: 2 })
      await writeFile(join(folder, 'b/c.md'), 'More and more.')
      expect(await ingestPath(folder)).toMatchObject({ stored: 1, unchanged: 1 })
      expect(await ingestPath(join(folder, 'a.md'))).toMatchObject({ unchanged: 1 })
    },
  )
  expect((await contents()).map(({ sourceUrl, body, author }) => [sourceUrl, body, author])).toEqual([
    ['urn:extropy:file:export/a.md', '*On sand*\n\nText.', 'unknown'],
    ['urn:extropy:file:export/b/c.md', 'More and more.', 'unknown'],
  ])
})

test('one address in two archives is one content; an author is asked for only where nothing else names one', async () => {
  const bookmarks =
    '<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="https://www.moor.example.org/peat">Peat</A></DL>'
  const table =
    'title,url,body,author\nPeat,https://www.moor.example.org/peat,It grows.,Ines\nMoss,https://moss.example.org/,Wet.,\n'
  await withFiles({ 'a.html': bookmarks }, async (folder) => {
    expect(await ingestPath(folder)).toMatchObject({ stored: 1 })
  })
  expect((await contents())[0]).toMatchObject({ author: 'moor.example.org', body: '' })
  await withFiles({ 'b.csv': table }, async (folder) => {
    expect(await ingestPath(folder)).toMatchObject({ stored: 2 })
  })
  expect((await contents()).map(({ platform, author, body }) => [platform, author, body])).toEqual([
    ['web', 'moss.example.org', 'Wet.'],
    ['web', 'Ines', 'It grows.'],
  ])
})

test('what breaks a rule of ingest is rejected by its place, as a line that can be mended; the rest goes in', async () => {
  const list = [
    { source_url: 'https://a.example.org/1', title: 'A', author: 'Ines', platform: 'myspace' },
    { source_url: 'https://a.example.org/2', title: 'B', author: 'Ines' },
  ]
  await withFiles({ 'list.json': JSON.stringify(list) }, async (folder) => {
    const { stored, rejects } = await ingestPath(folder)
    expect(stored).toBe(1)
    expect(rejects).toMatchObject([
      { field: 'platform', line: { place: 'list.json, https://a.example.org/1', text: JSON.stringify(list[0]) } },
    ])
  })
})

test('titles, tags and languages that other programs allow go in as far as they can be kept', async () => {
  const matter = `---\ntitle: ${'T'.repeat(2000)}\nlang: English\ntags: [${'t'.repeat(300)}]\n---\n`
  await withFiles({ 'a.md': `${matter}A \0 byte.` }, async (folder) => {
    await expect(ingestPath(folder)).rejects.toThrow(/binary/)
    await writeFile(join(folder, 'a.md'), `${matter}Text.`)
    expect(await ingestPath(folder)).toMatchObject({ stored: 1, rejected: 0 })
  })
})
