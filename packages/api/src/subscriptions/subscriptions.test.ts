import { withScope } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount, createKeyOf, type TestAccount } from '../testing/accounts.ts'
import { measureUntouched, simulateSubscriptions } from '../testing/simulate-subscriptions.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { inTransaction } from '../transaction.ts'
import { followWrites } from './follow-writes.ts'
import { pruneChanges } from './prune.job.ts'
import { unanswered } from './recompute.job.ts'

let database: TestDatabase
let deps: Deps
let user: TestAccount
let worker: Worker
let following: ReturnType<typeof followWrites>

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  user = await createAccount(deps)
  worker = openWorker(deps, { jobs: appJobs })
  // A batch ends where the test says so.
  following = followWrites(deps, { quietMs: 3_600_000, mostWaitMs: 3_600_000 })
})
afterEach(async () => {
  await settled()
  await sql`truncate subscriptions, subscription_changes, contents, sources, looks cascade`.execute(deps.db)
})
afterAll(async () => {
  await following.close()
  await worker.close()
  await database.close()
})

/** Until every answer is of the last write. */
async function settled() {
  await following.flush()
  await vi.waitFor(async () => {
    const behind = await deps.db
      .selectFrom('subscriptions')
      .select('id')
      .whereRef('touched', '<>', 'answered')
      .execute()
    // A job's own end comes after the answer's.
    const { rows } = await sql`
      select id from jobs where kind = 'subscriptions.recompute' and status in ('queued', 'running')`.execute(deps.db)
    expect([...behind, ...rows]).toEqual([])
  }, 20_000)
}

const runs = async () => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from jobs where kind = 'subscriptions.recompute' and result ->> 'isAnswered' = 'true'`.execute(
    deps.db,
  )
  return rows[0]?.count ?? 0
}

test('10 questions, 120 contents in random order: what is told is what brute force finds, and nothing is told of no change', async () => {
  const other = await createTestDatabase(inject('databaseTemplate'))
  try {
    const otherDeps = await createTestDeps(other)
    const report = await simulateSubscriptions(otherDeps, { questions: 10, contents: 120, seed: 42 })
    expect(report.problems).toEqual([])
    expect(report.told).toBeGreaterThan(10)
    expect(report.mostOfOne).toBe(1)
    const { writes, ...ms } = await measureUntouched(otherDeps, await createTestDeps(other), 20)
    // How long it takes, `pnpm subscriptions:simulate` measures.
    expect([writes, Object.keys(ms)]).toEqual([20, ['withoutMs', 'withMs', 'lookMs']])
  } finally {
    await other.close()
  }
}, 240_000)

test('two that follow the same writes have each question made anew once', async () => {
  await ingestLines(deps, [contentLine({ source_url: 'https://example.org/q', body: 'The quoll eats moths.' })])
  await user.as().subscriptions.create({ kind: 'answer', question: 'What does the quoll eat?' })
  const second = followWrites(deps, { quietMs: 3_600_000, mostWaitMs: 3_600_000 })
  await second.flush()
  await settled()
  const before = await runs()
  await ingestLines(deps, [contentLine({ source_url: 'https://example.org/q', body: 'The quoll eats roots.' })])
  // The second one comes while the first one's job waits, runs, or has ended.
  await settled()
  expect(await second.flush()).toBe(0)
  await settled()
  expect((await runs()) - before).toBe(1)
  await second.close()
})

test('a write while the first answer is being made is no difference, whichever ends first', async () => {
  await ingestLines(deps, [contentLine({ source_url: 'https://example.org/q', body: 'The quoll eats moths.' })])
  // As it is until its maker has the answer.
  const input = JSON.stringify({ question: 'What does the quoll eat?', nResults: 10 }) as never
  const made = { userId: user.userId, kind: 'answer' as const, name: 'x', input, feedToken: 'first' }
  const { id } = await deps.db
    .insertInto('subscriptions')
    .values({ ...made, tags: ['*', unanswered] })
    .returning('id')
    .executeTakeFirstOrThrow()
  await ingestLines(deps, [contentLine({ source_url: 'https://example.org/n', body: 'The numbat digs.' })])
  await settled()
  expect(await user.as().subscriptions.byId({ id })).toMatchObject({ answer: [{ text: 'The quoll eats moths.' }] })
  expect((await user.as().subscriptions.changes({ id })).items).toEqual([])
  await ingestLines(deps, [contentLine({ source_url: 'https://example.org/q', body: 'The quoll eats roots.' })])
  await settled()
  expect((await user.as().subscriptions.changes({ id })).items).toHaveLength(1)
})

test('a write that no answer read brings no recomputation, and costs nothing', async () => {
  await ingestLines(deps, [contentLine({ body: 'The quoll eats moths.' })])
  const { id } = await user.as().subscriptions.create({ kind: 'answer', question: 'What does the quoll eat?' })
  await settled()
  const before = await runs()
  await user.as().cards.draft({ title: 'A card', body: 'On quolls', privacyLevel: 'IDEAS' })
  expect(await following.flush()).toBe(0)
  expect(await runs()).toBe(before)
  expect((await user.as().subscriptions.changes({ id })).items).toEqual([])
})

test('the difference goes to the webhook’s outbox, to the stream from where it broke off, and to the feed', async () => {
  await ingestLines(deps, [
    contentLine({ source_url: 'https://example.org/q', body: 'The quoll eats moths & 2 < 3 ants.' }),
  ])
  const hook = await user.as().webhooks.create({ url: 'https://example.org/hook', events: ['subscription.changed'] })
  const { id, feed, answer } = await user
    .as()
    .subscriptions.create({ kind: 'answer', question: 'What does the quoll eat?' })
  expect(answer).toMatchObject([{ text: 'The quoll eats moths & 2 < 3 ants.', receipts: [expect.any(String)] }])
  await settled()
  for (const food of ['roots', 'frogs']) {
    await ingestLines(deps, [
      contentLine({ source_url: 'https://example.org/q', body: `The quoll eats ${food} & 2 < 3 ants.` }),
    ])
    await settled()
  }
  const { items } = await user.as().webhooks.deliveries({ id: hook.id })
  expect(items.map(({ type }) => type)).toEqual(['subscription.changed', 'subscription.changed'])
  const events = await user.as().subscriptions.events({ id, lastEventId: '1' })
  const next = await events[Symbol.asyncIterator]().next()
  expect(next.value).toMatchObject({
    id: '2',
    change: {
      changed: [
        { before: { text: expect.stringContaining('roots') }, after: { text: expect.stringContaining('frogs') } },
      ],
    },
  })
  const { atom } = await user.as().subscriptions.feed({ token: feed.replace('/feeds/', '') })
  expect(atom.match(/<entry>/g)).toHaveLength(2)
  expect(atom).toContain('The quoll eats frogs &amp; 2 &lt; 3 ants.')
  await expect(user.as().subscriptions.feed({ token: 'guess' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a source tells the contents that its looks bring, each once', async () => {
  const { id: sourceId } = await user.as().sources.create({ target: 'https://example.org/feed.xml' })
  const { platform, target } = await deps.db
    .selectFrom('sources')
    .select(['platform', 'target'])
    .where('id', '=', sourceId)
    .executeTakeFirstOrThrow()
  await ingestLines(
    deps,
    [1, 2].map((n) => contentLine({ source_url: `https://example.org/${n}`, title: `Piece ${n}` })),
  )
  const ids = await deps.db.selectFrom('contents').select('id').orderBy('title').execute()
  const look = async (contentIds: string[]) => {
    const values = { platform, target, outcome: 'ok' as const, message: '', contentIds }
    await sql`delete from looks`.execute(deps.db)
    await deps.db.insertInto('looks').values(values).execute()
    await deps.cache.invalidateTags(['looks*', 'looks'])
    await settled()
  }
  await look([ids[0]?.id as string])
  const { id } = await user.as().subscriptions.create({ kind: 'source', sourceId })
  await settled()
  await look(ids.map((row) => row.id))
  await look([ids[1]?.id as string])
  const { items } = await user.as().subscriptions.changes({ id })
  expect(items).toMatchObject([{ new: [{ text: 'Piece 2' }], gone: [], changed: [] }])
})

test('a source with more than is remembered tells nothing as gone, nor again what it still shows', async () => {
  // Its next look is far away.
  const [platform, target, url] = ['rss', 'many', 'https://example.org/many.xml'] as const
  const { id: sourceId } = await deps.db
    .insertInto('sources')
    .values({ platform, target, url, kind: 'feed', label: 'Many', nextAt: '2999-01-01T00:00:00Z' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const lineOf = (n: number) => contentLine({ source_url: `https://example.org/${n}`, title: `Piece ${n}` })
  await ingestLines(deps, [1, 2].map(lineOf))
  const ids = (await deps.db.selectFrom('contents').select('id').orderBy('title').execute()).map(({ id }) => id)
  const seen = Array.from({ length: 999 }, () => ({ contentId: crypto.randomUUID(), text: 'Old', receipts: [] }))
  // The oldest of a thousand is still in the feed.
  const answer = JSON.stringify([...seen, { contentId: ids[0], text: 'Piece 1', receipts: [] }]) as never
  const made = { userId: user.userId, kind: 'source' as const, name: 'x', feedToken: 'many', tags: ['*'], answer }
  const { id } = await deps.db
    .insertInto('subscriptions')
    .values({ ...made, input: JSON.stringify({ sourceId }) as never })
    .returning('id')
    .executeTakeFirstOrThrow()
  const values = { platform, target, outcome: 'ok' as const, message: '', contentIds: ids }
  await deps.db.insertInto('looks').values(values).execute()
  await deps.cache.invalidateTags(['looks*', 'looks'])
  await settled()
  await deps.cache.invalidateTags(['looks*', 'looks'])
  await settled()
  const { items } = await user.as().subscriptions.changes({ id })
  expect(items).toMatchObject([{ new: [{ text: 'Piece 2' }], gone: [], changed: [] }])
  // Two looks end before the next answer: the row of looks is of the last one.
  await ingestLines(deps, [lineOf(3)])
  const third = await deps.db
    .selectFrom('contents')
    .select('id')
    .where('title', '=', 'Piece 3')
    .executeTakeFirstOrThrow()
  const origin = { contentId: third.id, platform, target, url: 'https://example.org/3' }
  await deps.db.insertInto('contentOrigins').values(origin).execute()
  await deps.cache.invalidateTags(['looks*', 'looks'])
  await settled()
  expect((await user.as().subscriptions.changes({ id })).items[0]).toMatchObject({
    new: [{ text: 'Piece 3' }],
    gone: [],
  })
})

test('one whose first answer fails, or whose maker hangs up meanwhile, is not there', async () => {
  await ingestLines(deps, [contentLine({ body: 'The quoll eats moths.' })])
  const gone = new AbortController()
  const embedder: Deps['embedder'] = {
    ...deps.embedder,
    async embed() {
      gone.abort()
      throw gone.signal.reason
    },
  }
  const { signal } = gone
  const leaving = createTestCaller(
    { ...deps, embedder, signal, db: withScope(deps.db, { signal }) } as Deps,
    user.principal,
  )
  const created = leaving.subscriptions.create({ kind: 'answer', question: 'What does the quoll eat?' })
  await expect(created).rejects.toThrow()
  expect((await user.as().subscriptions.list({})).items).toEqual([])
})

test('differences are kept for a year', async () => {
  const { id: subscriptionId } = await user.as().subscriptions.create({ kind: 'search', question: 'Where?' })
  const change = JSON.stringify({ new: [], gone: [], changed: [] }) as never
  const days = [366, 364]
  const values = days.map((day, n) => ({
    subscriptionId,
    sequence: String(n + 1),
    change,
    createdAt: new Date(Date.now() - day * 86_400_000).toISOString(),
  }))
  await deps.db.insertInto('subscriptionChanges').values(values).execute()
  await inTransaction(deps.db, (trx) => enqueue(trx, pruneChanges, {}))
  const kept = async () => (await user.as().subscriptions.changes({ id: subscriptionId })).items
  await vi.waitFor(async () => expect(await kept()).toMatchObject([{ sequence: '2' }]), 20_000)
})

test('a user has 100 at most, nobody sees another’s, and what is missing is named', async () => {
  const one = { userId: user.userId, kind: 'answer' as const, name: 'x', input: '{}' as never }
  await deps.db
    .insertInto('subscriptions')
    .values(Array.from({ length: 100 }, (_, n) => ({ ...one, feedToken: String(n), tags: [] })))
    .execute()
  // Ten at once for the last three places, of two keys.
  await sql`delete from subscriptions where feed_token in ('7', '8', '9')`.execute(deps.db)
  const keys = [user, await createKeyOf(deps, user.userId, 'write')]
  const created = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      keys[n % 2]?.as().subscriptions.create({ kind: 'search', question: `At once ${n}` }),
    ),
  )
  expect(created.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  const refused = user.as().subscriptions.create({ kind: 'answer', question: 'One more?' })
  await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('at most 100') })
  const [first] = (await user.as().subscriptions.list({})).items
  const other = (await createAccount(deps)).as().subscriptions
  const id = first?.id as string
  for (const act of [other.byId, other.changes, other.events, other.delete]) {
    await expect(act({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  await expect(other.create({ kind: 'answer' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(other.create({ kind: 'source', question: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
