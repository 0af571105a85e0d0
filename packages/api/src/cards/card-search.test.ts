import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { rereadTexts } from '../reread/reread.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
const ids: Record<string, string> = {}
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps)
  for (const [title, body] of [
    ['Rustの非同期処理について', '全文搜索'],
    ['Hooks', 'Call React.useEffect, not `use_memo`.'],
    ['Languages', 'C++ and .NET in one Café; CVE-2026-2332.'],
    ['Sharp', 'C# and Java on one net.'],
    ['Entropy', 'Order and disorder, or neither.'],
  ] as const) {
    const { published } = await ada.as().cards.publish({ cards: [{ title, body, privacyLevel: 'IDEAS' }] })
    ids[title] = published[0]?.id as string
  }
})
afterAll(() => database.close())

const found = async (search: string) =>
  (await createTestCaller(deps).cards.list({ search, limit: 100 })).items.map(({ title }) => title).sort()

const searches: [search: string, titles: string[]][] = [
  ['Rust', ['Rustの非同期処理について']],
  ['非同期', ['Rustの非同期処理について']],
  ['搜索', ['Rustの非同期処理について']],
  ['Ｒｕｓｔ', ['Rustの非同期処理について']],
  ['useEffect', ['Hooks']],
  ['use memo', ['Hooks']],
  ['2332', ['Languages']],
  ['C++', ['Languages']],
  ['c#', ['Sharp']],
  ['.NET', ['Languages']],
  ['Cafe\u0301', ['Languages']],
  ['cafe', ['Languages']],
  ['en\u00adtropy', ['Entropy']],
  ['"order disorder"', []],
  ['"order and disorder"', ['Entropy']],
  ['one -java', ['Languages']],
  ['one -C++', ['Sharp']],
  ['-one -hooks', ['Entropy', 'Rustの非同期処理について']],
  ['one -"one net"', ['Languages']],
  ['entropy or hooks', ['Entropy', 'Hooks']],
  ['"disorder or neither"', ['Entropy']],
  ['"java or net"', []],
  ['java net OR useEffect -memo', ['Sharp']],
  ['the', []],
]

test.each(searches)('%s finds %j', async (search, titles) => {
  expect(await found(search)).toEqual(titles)
})

test.each([
  ['-'.repeat(200)],
  ['- '.repeat(100)],
  [`${'-'.repeat(33)}a`],
  ['or '.repeat(66)],
  ['"'.repeat(200)],
  ['"" '.repeat(66)],
  ['-"a" '.repeat(40)],
  ['-a '.repeat(66)],
  ['a or '.repeat(40)],
  ['a.'.repeat(100)],
  ["&|!<->():*\\'".repeat(16)],
  ['ﷺ'.repeat(200)],
  ['\u0301'.repeat(200)],
])('no search is too complex: %s', async (search) => {
  expect(Array.isArray(await found(search))).toBe(true)
})

test('an edit of the title or of the body alone keeps the other half’s words', async () => {
  const id = ids.Entropy as string
  await ada.as().cards.edit({ id, title: 'Negentropy' })
  expect(await found('negentropy disorder')).toEqual(['Negentropy'])
  expect(await found('entropy')).toEqual([])
  await Promise.all([ada.as().cards.edit({ id, title: 'Entropy' }), ada.as().cards.edit({ id, body: 'Chaos.js' })])
  expect(await found('entropy chaos')).toEqual(['Entropy'])
  await ada.as().cards.edit({ id, body: 'Order and disorder, or neither.' })
  expect(await found('disorder -chaos')).toEqual(['Entropy'])
})

test('cards that were stored under earlier rules are found by the present ones', async () => {
  await sql`
    update cards set search_vector =
      setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D')`.execute(
    database.db,
  )
  expect(await found('useEffect')).toEqual([])
  await rereadTexts(database.db)
  for (const [search, titles] of searches) expect(await found(search), search).toEqual(titles)
})
