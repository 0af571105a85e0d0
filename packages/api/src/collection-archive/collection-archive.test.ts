import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { toSnakeCase, withScope } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createSpool } from '../spool/spool.ts'
import { createAccount, createKeyOf, type TestAccount } from '../testing/accounts.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { createWorld, draftCard, publishCard, secret, type World } from '../testing/world.ts'
import { type CollectionLine, CollectionLine as LineSchema } from './archive.schema.ts'
import { type ArchivePart, archiveParts } from './archive-parts.ts'
import { exportCollection } from './export-collection.ts'

let database: TestDatabase
let deps: Deps
let world: World
let folder: string
let privateCardId: string
let receiptId: string
/** The owner's archive. */
let archive: CollectionLine[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-collection-'))
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  world = await createWorld(deps)
  const { owner, stranger, authorId } = world
  privateCardId = await draftCard(owner)
  await draftCard(stranger)
  const answering = await publishCard(owner, 'An answer')
  // A parent that is younger than its card, and one that others may not see.
  await database.db
    .updateTable('cards')
    .set({ parentCardId: answering })
    .where('id', '=', world.publishedCardId)
    .execute()
  await database.db.updateTable('cards').set({ parentCardId: privateCardId }).where('id', '=', answering).execute()
  const tricky = ['"quotes", \\ and \u2028', 'Ünïcödé 𝒳 🜁', 'line\nfeed\ttab']
  await ingestLines(
    deps,
    tricky.map((text, n) =>
      contentLine({
        source_url: `https://example.org/t${n}`,
        title: `Tides ${n}`,
        body: `The moon raises the tides. ${text}. `.repeat(20),
        published_at: '2026-01-02T03:04:05.123456Z',
        tags: ['a,b', '{x}'],
        metrics: { likes: 3, share: 0.1 },
      }),
    ),
  )
  const { id: contentId } = await database.db
    .selectFrom('contents')
    .select('id')
    .where('title', '=', 'Tides 0')
    .executeTakeFirstOrThrow()
  const theme = { authorId, type: 'theme', description: 'Tides', confidenceScore: 0.1 + 0.2 } as const
  const { id: patternId } = await database.db
    .insertInto('patterns')
    .values(theme)
    .returning('id')
    .executeTakeFirstOrThrow()
  await database.db.insertInto('patternContents').values({ patternId, contentId }).execute()
  await world.admin.as().contents.addAlias({ id: contentId, url: 'https://example.org/alias' })
  await database.db.insertInto('contentTextHashes').values({ contentId, textHash: 'ab' }).execute()
  // What a card that is no longer published says of another one.
  const citing = await publishCard(owner, 'Citing')
  const remix = { sourceCardId: world.strangersCardId, targetCardId: citing, type: 'remix' } as const
  await owner.as().attributions.create({ ...remix, context: secret })
  await owner.as().cards.unpublish({ id: citing })
  await owner.as().sources.create({ target: 'https://example.org/feed.xml' })
  for (const account of [owner, stranger]) {
    const question = `What raises the tides? ${secret}`
    const { id: subscriptionId } = await account.as().subscriptions.create({ kind: 'answer', question })
    const change = JSON.stringify({ new: [{ contentId, text: secret, receipts: [] }], gone: [], changed: [] }) as never
    await database.db.insertInto('subscriptionChanges').values({ subscriptionId, sequence: '1', change }).execute()
    await account.as().researchSessions.cancel({
      id: (await account.as().researchSessions.create({ name: 'Job', brief: secret })).id,
    })
  }
  for await (const event of await owner.as().query.answer({ prompt: 'what raises the tides' })) {
    if (event.type === 'sentence') receiptId = event.receipts[0]?.id ?? ''
  }
  archive = await archiveOf(owner)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await database.close()
})

const archiveOf = async (account: TestAccount) => Array.fromAsync(await account.as().archives.export())
const endOf = (lines: readonly CollectionLine[]) => lines.at(-1) as Extract<CollectionLine, { type: 'done' }>
const rowsOf = (lines: readonly CollectionLine[], type: string) =>
  lines.flatMap((line) => (line.type === type && 'row' in line ? [line.row] : []))
const textOf = (lines: readonly CollectionLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

interface Other {
  readonly deps: Deps
  readonly admin: TestAccount
  readonly worker: Worker
  readonly close: () => Promise<void>
}

/** An empty server, with the key of somebody whom the archive does not know. */
async function openOther(): Promise<Other> {
  const other = await createTestDatabase(inject('databaseTemplate'))
  const spool = createSpool({ folder: join(folder, 'spool') })
  const otherDeps = { ...(await createTestDeps(other)), spool }
  const admin = await createAccount(otherDeps, { scope: 'admin', name: 'operator' })
  const worker = openWorker(otherDeps, { jobs: appJobs.filter(({ kind }) => kind === 'imports.run') })
  const close = async () => {
    await worker.close()
    await other.close()
  }
  return { deps: otherDeps, admin, worker, close }
}

async function bring(other: Other, bytes: Buffer, account = other.admin) {
  async function* one() {
    yield bytes
  }
  const signal = new AbortController().signal
  const upload = await other.deps.spool?.receive(one(), { signal })
  const { id } = await createTestCaller({ ...other.deps, upload } as never, account.principal).imports.create({})
  other.worker.hear('')
  await expect
    .poll(async () => (await account.as().imports.byId({ id })).finishedAt, { timeout: 30_000 })
    .not.toBeNull()
  return account.as().imports.byId({ id })
}

/** A hash over a table's exported columns, as its own database has them. */
async function hashOf({ db }: Deps, part: ArchivePart) {
  const columns = part.columns.filter((name) => name !== 'email').map((name) => `t.${toSnakeCase(name)}`)
  const { rows } = await sql<{ hash: string; count: number }>`
    select md5(coalesce(string_agg(row(${sql.raw(columns.join(', '))})::text, ' ' order by t::text collate "C"), '')) as hash,
           count(*)::int as count from (select ${sql.raw(columns.join(', '))} from ${sql.table(part.table)} t
           where ${sql.raw(part.name === 'users' ? `username <> 'operator'` : 'true')}) t`.execute(db)
  return { part: part.name, ...rows[0] }
}

test('an archive has what its user may see, in lines that the schema describes, and a hash for each part', () => {
  for (const line of archive) expect(LineSchema.parse(line)).toEqual(line)
  expect(archive[0]).toMatchObject({ type: 'extropy', version: 1, userId: world.owner.userId })
  expect(endOf(archive).lines).toBe(archive.length - 1)
  for (const { name } of archiveParts) {
    const rows = rowsOf(archive, name)
    expect([name, rows.length > 0]).toEqual([name, true])
    expect(endOf(archive).parts[name]?.rows ?? 0).toBe(rows.length)
  }
})

test('nobody’s archive has what is not theirs: without a key there is none', async () => {
  const { owner, stranger, admin, reader } = world
  await expect(createTestCaller(deps).archives.export()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  const emails = { owner, stranger, admin, author: world.author }
  for (const account of [owner, stranger, admin, reader]) {
    const lines = await archiveOf(account)
    const text = textOf(lines)
    const mine = (type: string) => rowsOf(lines, type).every(({ userId }) => userId === account.userId)
    expect([mine('subscriptions'), mine('researchSessions')]).toEqual([true, true])
    for (const { isPublished, userId } of rowsOf(lines, 'cards')) {
      expect(isPublished === true || userId === account.userId).toBe(true)
    }
    const hasOwn = account !== admin
    expect([text.includes(secret), text.includes(privateCardId)]).toEqual([hasOwn, account.userId === owner.userId])
    for (const [name, { userId }] of Object.entries(emails)) {
      expect([name, text.includes(`${name}@example.org`)]).toEqual([name, userId === account.userId])
    }
    const { rows: secrets } = await sql<{ text: string }>`
      select encode(key_hash, 'hex') as text from api_keys union all select feed_token from subscriptions`.execute(
      deps.db,
    )
    for (const { text: each } of secrets) expect(text).not.toContain(each)
    expect(text).not.toMatch(/keyHash|feedToken|extro_live_[\w-]{7}|ledgerHash|extropyBalance/)
  }
})

test('an empty server takes it whole: equal hashes on both sides, ids kept, receipts hold, each thing once', async () => {
  const other = await openOther()
  try {
    expect((await bring(other, gzipSync(textOf(archive)))).error).toBeNull()
    const again = await createKeyOf(other.deps, world.owner.userId, 'read')
    const back = await archiveOf(again)
    const unlike = (line: CollectionLine) => 'row' in line && line.row.username === 'operator'
    expect(textOf(back.filter((line) => !unlike(line)).slice(1, -1))).toEqual(textOf(archive.slice(1, -1)))
    const { users, ...parts } = endOf(back).parts
    const { users: _, ...before } = endOf(archive).parts
    expect(parts).toEqual(before)
    expect(users?.rows).toBe((endOf(archive).parts.users?.rows ?? 0) + 1)

    // And as the two databases count it themselves, of what is everybody's.
    const shared = archiveParts.filter(
      ({ name }) => !/^(cards|cardParents|subscriptions|subscriptionChanges|researchSessions)$/.test(name),
    )
    for (const part of shared) {
      expect(await hashOf(other.deps, part)).toEqual(await hashOf(deps, part))
    }
    expect(await again.as().receipts.byId({ id: receiptId })).toEqual(
      await world.owner.as().receipts.byId({ id: receiptId }),
    )
    expect((await again.as().receipts.byId({ id: receiptId })).status).toBe('unchanged')
    // Found as before: by the words of passages and of cards.
    const found = await again.as().query.rag({ prompt: 'moon tides' })
    expect(found.results.length).toBeGreaterThan(0)
    const cards = async (caller: TestAccount) =>
      (await caller.as().cards.list({ search: 'thought' })).items.map(({ id, parentCardId }) => [id, parentCardId])
    expect(await cards(again)).toEqual(await cards(world.owner))
    expect(await again.as().cards.byId({ id: privateCardId })).toMatchObject({ body: secret })
    await expect(other.admin.as().cards.byId({ id: privateCardId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const [subscription] = (await again.as().subscriptions.list({})).items
    expect(subscription?.feed).toMatch(/^\/feeds\/[\w-]{32}$/)
    // Of no use to anybody until its operator says so.
    expect((await again.as().sources.list({})).items).toMatchObject([{ nextAt: null }])

    const second = await bring(other, Buffer.from(textOf(archive)))
    expect([second.status, second.error]).toEqual(['failed', expect.stringMatching(/into an empty server.*contents/)])
    expect((await archiveOf(again)).length).toBe(back.length)
  } finally {
    await other.close()
  }
}, 60_000)

test('what is broken, or comes from anyone but an admin, is refused whole', async () => {
  const other = await openOther()
  try {
    const text = textOf(archive)
    const writer = await createKeyOf(other.deps, other.admin.userId, 'write')
    expect((await bring(other, Buffer.from(text), writer)).error).toMatch(/only admins/)
    const lines = text.trimEnd().split('\n')
    const at = lines.findIndex((line) => line.startsWith('{"type":"contents"'))
    const put = (line: string) => lines.with(at, line).join('\n')
    const row = JSON.parse(lines[at] ?? '').row
    const content = (more: object) => put(JSON.stringify({ type: 'contents', row: { ...row, ...more } }))
    const broken: [string, RegExp][] = [
      [lines.slice(0, -1).join('\n'), /breaks off/],
      [`${text}{}`, /goes on behind its end/],
      [content({ title: 'Forged' }), /another hash/],
      [content({ title: null }), /title/],
      [content({ title: 'a\u0000b' }), /cannot go in here/],
      [content({ platform: 'nowhere' }), /cannot go in here/],
      [content({ userId: 'x' }), /userId/i],
      [put('{"type":"apiKeys","row":{}}'), /out of place/],
      [put('{"type":'), /JSON object/],
      [[...lines.slice(0, 2), ...lines.slice(3)].join('\n'), /lines instead of|no such|cannot go in/],
      [text.replace('"version":1', '"version":99'), /another version/],
    ]
    for (const [bytes, message] of broken) {
      const { status, error } = await bring(other, Buffer.from(bytes))
      expect([status, error]).toEqual(['failed', expect.stringMatching(message)])
    }
    const counts = archiveParts.map(({ table }) => sql`(select count(*)::int from ${sql.table(table)})`)
    const { rows } = await sql<Record<string, number>>`select ${sql.join(counts, sql` + `)} as count`.execute(
      other.deps.db,
    )
    expect(rows).toEqual([{ count: 1 }])
    expect((await bring(other, Buffer.from(text))).error).toBeNull()
  } finally {
    await other.close()
  }
}, 60_000)

test('whoever takes its lines too slowly is cut off, however regularly', async () => {
  const limits = { userId: world.owner.userId, rateFromMs: -1, leastRate: Number.POSITIVE_INFINITY }
  const taking = Array.fromAsync(await exportCollection(deps, limits))
  await expect(taking).rejects.toThrow('taken too slowly')
  await expect.poll(() => database.stats().pool.checkedOut).toBe(0)
})

test('it is of one moment, read as its lines are taken, and no more than two at once; who takes none is cut off', async () => {
  const isAlone = database.stats().pool.maxSize === 1
  await ingestLines(
    deps,
    Array.from({ length: 300 }, (_, n) =>
      contentLine({ source_url: `https://example.org/many/${n}`, body: `Of ${n}.` }),
    ),
  )
  const timing = { poolMs: 0, queryMs: 0, queries: 0 }
  const limits = { userId: world.owner.userId, idleMs: 600 }
  const scoped = { db: withScope(deps.db, { timing }), databaseStats: deps.databaseStats }
  const lines = await exportCollection(scoped, { ...limits, idleMs: 60_000 })
  await lines.next()
  await lines.next()
  const before = timing.queries
  let contents = 0
  let most = 0
  let last = before
  for await (const line of lines) {
    if (contents === 0 && line.type === 'contents' && !isAlone) {
      // It comes too late for this archive.
      await ingestLines(deps, [contentLine({ source_url: 'https://example.org/late', title: 'Late' })])
    }
    if (line.type === 'contents') contents++
    if ('row' in line) expect(line.row.title).not.toBe('Late')
    most = Math.max(most, timing.queries - last)
    last = timing.queries
  }
  expect(contents).toBe(304)
  if (!isAlone) {
    // Nothing is read ahead: at most the end of one cursor, empty ones, and the begin of the next.
    expect(most).toBeLessThanOrEqual(12)
    expect(timing.queries - before).toBeGreaterThan(60)

    const open = [
      await exportCollection(deps, limits),
      await exportCollection(deps, { ...limits, userId: world.stranger.userId }),
    ]
    const second = exportCollection(deps, { ...limits, most: 9 })
    await expect(second).rejects.toThrow('An archive of yours is being written already')
    await expect(world.admin.as().archives.export()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    // Nobody has taken a line of the first one; the other is left early.
    await open[1]?.next()
    await open[1]?.return(undefined)
    await expect.poll(() => database.stats().pool.checkedOut).toBe(0)
    await expect(open[0]?.next()).rejects.toThrow(/broke off/)
    expect(await archiveOf(world.owner)).not.toEqual([])
  }
  // And gives its connection back.
  await expect.poll(() => database.stats().pool.checkedOut).toBe(0)
}, 60_000)
