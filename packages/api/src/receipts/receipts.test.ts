import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { decodeReceiptId, encodeReceiptId, type ReceiptClaim } from './receipt-id.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
})
afterAll(() => database.close())

const url = 'https://example.org/harbour'
const moon = 'The moon raises the tides in most **harbours**.'

async function store(body: string) {
  await ingestLines(deps, [contentLine({ source_url: url, title: 'Harbours', body })])
}

async function readReceipt(): Promise<string> {
  for await (const event of await createTestCaller(deps).query.answer({ prompt: 'what raises the tides' })) {
    if (event.type === 'sentence') return event.receipts[0]?.id ?? ''
  }
  throw new Error('no sentence came')
}

const check = (id: string) => createTestCaller(deps).receipts.byId({ id })

describe('a receipt', () => {
  test('follows its sentence: unchanged, moved, changed, gone', async () => {
    await store(`${moon} Ships wait.`)
    const id = await readReceipt()
    expect(await check(id)).toMatchObject({
      status: 'unchanged',
      contentChanged: false,
      start: 0,
      source: moon,
      sourceUrl: url,
    })

    await store(`Good morning to all. ${moon} Ships wait.`)
    expect(await check(id)).toMatchObject({ status: 'unchanged', contentChanged: true, start: 21, source: moon })

    await store('The sun raises the tides in most harbours. Ships wait.')
    expect(await check(id)).toMatchObject({ status: 'changed', contentChanged: true, source: null, title: 'Harbours' })

    await deps.db.deleteFrom('contents').where('sourceUrl', '=', url).execute()
    expect(await check(id)).toMatchObject({ status: 'gone', contentChanged: true, source: null, title: null })
  })

  test('is looked for near its old place: a long text takes no longer than a short one', async () => {
    await store(`${moon} Ships wait.`)
    const claim = decodeReceiptId(await readReceipt()) as ReceiptClaim
    const padding = (length: number) => 'Ships wait there. '.repeat(Math.ceil(length / 18))
    const at = padding(60_000).length
    await store(`${padding(60_000)}\n\n${moon} ${padding(60_000)}`)
    const length = claim.end - claim.start
    const from = (start: number) => encodeReceiptId({ ...claim, start, end: start + length })
    expect(await check(from(at + 2))).toMatchObject({ status: 'unchanged', start: at + 2 })
    expect(await check(from(at + 15_000))).toMatchObject({ status: 'unchanged', start: at + 2, source: moon })
    expect(await check(from(at - 15_000))).toMatchObject({ status: 'unchanged', start: at + 2 })
    for (const start of [0, at + 30_000, 4_000_000]) {
      expect(await check(from(start))).toMatchObject({ status: 'changed', source: null })
    }
  })

  test('that is none, or was cut, is refused with its field', async () => {
    await store(moon)
    const id = await readReceipt()
    for (const broken of ['', 'x', id.slice(0, -4), `${id}AAAA`, `${id}!`]) {
      await expect(check(broken)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    }
  })

  test('says in its id what it was made of', () => {
    const claim = {
      contentId: '0190f3c4-1b2a-7def-8123-456789abcdef',
      ordinal: 3,
      part: 'author',
      start: 5,
      end: 900_000,
      readAt: Date.UTC(2026, 1, 3),
      contentPrint: 'ab'.repeat(16),
      sourcePrint: '01'.repeat(16),
    } as const
    expect(decodeReceiptId(encodeReceiptId(claim))).toEqual(claim)
    expect(encodeReceiptId(claim)).toMatch(/^[\w-]{91}$/)
  })
})
