import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createReaders, TargetError } from '@extropy/intake'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { inTransaction } from '../transaction.ts'
import { addSubscription, importOpml } from './opml.ts'

let database: TestDatabase
const readers = createReaders()
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(async () => {
  await readers.close()
  await database.close()
})

const userId = null as never
const send = (...outlines: string[]) =>
  importOpml(database.db, { readers }, { opml: `<opml version="2.0"><body>${outlines.join('')}</body></opml>`, userId })
const add = (url: string, more: { title?: string; folders?: string[] } = {}) =>
  inTransaction(database.db, (trx) =>
    addSubscription(trx, { url, folders: [], ...more }, { userId, nextAt: new Date() }),
  )
const find = (url: string) =>
  database.db.selectFrom('sources').select(['platform', 'title', 'folders']).where('url', '=', url).executeTakeFirst()

/** Of letters that no index packs. */
const noise = (length: number) =>
  Array.from({ length: length / 5 }, (_, n) => ((n + 1) * 2654435761).toString(36).padStart(7, '0').slice(-5)).join('')

test('an address that is too long is refused by name, and those around it are followed', async () => {
  const long = `https://long.example/?q=${noise(5000)}`
  const report = await send(
    '<outline text="One" type="rss" xmlUrl="https://one.example/feed.xml"/>',
    `<outline text="Long" type="rss" xmlUrl="${long}"/>`,
    '<outline text="Two" type="rss" xmlUrl="https://two.example/feed.xml"/>',
  )
  expect(report).toMatchObject({ added: 2, refused: 1 })
  expect(report.problems).toEqual([{ target: long.slice(0, 200), message: expect.stringContaining('2,000 bytes') }])
})

test('an address that is too long only as it is kept is refused too', async () => {
  // Each letter is three bytes, and each of those three characters in the address.
  const letters = Array.from({ length: 600 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7919) % 20_000))).join('')
  await expect(add(`https://letters.example/${letters}`)).rejects.toBeInstanceOf(TargetError)
})

test('outlines that the reader leaves out are named, but for those of a feed that is in the file twice', async () => {
  const report = await send(
    '<outline text="Three" type="rss" xmlUrl="https://three.example/feed.xml"/>',
    '<outline text="Three" type="rss" xmlUrl="https://three.example/feed.xml"/>',
    '<outline text="Old" type="rss" xmlUrl="ftp://old.example/feed.xml"/>',
    '<outline text="Nothing" type="rss"/>',
  )
  expect(report).toMatchObject({ added: 1, refused: 2 })
  expect(report.problems.map(({ target }) => target)).toEqual(['Old', 'Nothing'])
})

test('a title and folders that no column takes are kept as far as they can be', async () => {
  const url = 'https://nul.example/feed.xml'
  expect(await add(url, { title: 'A\0B\ud800', folders: ['C\0D'] })).toBe('added')
  expect(await find(url)).toMatchObject({ title: 'AB\ufffd', folders: ['CD'] })
})

test('a feed is YouTube’s by its host, and not by what else its address says', async () => {
  const other = 'https://bridge.example/feed?of=youtube.com'
  expect(await add(other)).toBe('added')
  expect(await find(other)).toMatchObject({ platform: 'rss' })
  const own = 'https://www.youtube.com/feeds/videos.xml?channel_id=UCBR8-60-B28hp2BmDPdntcQ'
  expect(await add(own)).toBe('added')
  expect(await find(own)).toMatchObject({ platform: 'youtube' })
})
