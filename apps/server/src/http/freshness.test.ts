import { type Deps, invalidating } from '@extropy/api'
import {
  contentLine,
  createAccount,
  createTestDeps,
  createWorld,
  draftCard,
  examples,
  ingestLines,
  publishCard,
  type World,
} from '@extropy/api/testing'
import { rawWrite } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { call, procedures } from '../testing/procedures.ts'
import { get, rpcPath, variationsOf } from '../testing/read-write.ts'
import { type App, createApp } from './app.ts'

/*
 * Nothing here names a tag. Whatever is read from the cache is compared with the same read past it, after every write that
 * there is: a difference is an answer that a write has changed and not purged.
 */

const template = inject('databaseTemplate')
/** On the embedded database a third of the reads, others for each write: a server's run asks all of them after each. */
const share = template.kind === 'postgres' ? 1 : 3
let round = 0

let database: TestDatabase
let deps: Deps
let app: App
let world: World
/** Paths, and the account whose key is sent. */
let reads: { readonly path: string; readonly procedure: string; readonly key: string | undefined }[]

beforeAll(async () => {
  database = await createTestDatabase(template)
  deps = await createTestDeps(database)
  app = createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })
  world = await createWorld(deps)
  reads = await collectReads()
})
afterAll(() => database.close())

async function collectReads(): Promise<typeof reads> {
  const kept = procedures.filter((procedure) => deps.cacheRules.ttlMsOf(procedure) > 0)
  const asked = await Promise.all(
    kept.map(async (procedure) => {
      const example = await examples[procedure.path]?.(world)
      const { scope, reach } = procedure.meta.access ?? {}
      const keyed = reach === 'everyone' ? [] : [world.owner.key, world.admin.key]
      const keys = scope === 'none' ? [undefined, ...keyed] : keyed
      const paths = variationsOf(procedure, example?.input, world).map((input) => rpcPath(procedure.path, input))
      return paths.flatMap((path) => keys.map((key) => ({ procedure: procedure.path, path, key })))
    }),
  )
  return asked.flat()
}

/** Everything as the cache has it, and as it is. */
async function compareAll(): Promise<{ hits: Set<string>; wrong: string[] }> {
  const hits = new Set<string>()
  const wrong: string[] = []
  for (const [at, { path, key }] of reads.entries()) {
    if ((at + round) % share !== 0) continue
    const cached = await get(app, path, key)
    const fresh = await get(app, path, key, { fresh: true })
    if (cached.cache === 'HIT') hits.add(`${path} ${key}`)
    if (cached.body !== fresh.body) wrong.push(`${path}\n  ${cached.body.slice(0, 300)}\n  ${fresh.body.slice(0, 300)}`)
  }
  return { hits, wrong }
}

test('every query with a REST route outside /health is kept, except streams and jobs', () => {
  const unkept = procedures
    .filter((procedure) => procedure.type === 'query' && deps.cacheRules.ttlMsOf(procedure) === 0)
    .map(({ path }) => path)
  // Jobs change all the time, and those who run them tell no cache.
  expect(unkept.filter((path) => !/^(health|jobs|imports)\./.test(path))).toEqual([
    'archives.export',
    'query.answer',
    'subscriptions.events',
    'subscriptions.feed',
    'users.export',
  ])
  expect(reads.length).toBeGreaterThan(100)
})

test('reads repeated without a write in between come unchanged from the cache', async () => {
  await compareAll()
  const { hits, wrong } = await compareAll()
  expect(wrong).toEqual([])
  const asked = reads.filter((_, at) => (at + round) % share === 0)
  const missed = asked.filter(({ path, key }) => !hits.has(`${path} ${key}`))
  // Errors are never kept: another user's private rows, and missing ones.
  for (const { path, key } of missed) expect((await get(app, path, key)).status).toBeGreaterThanOrEqual(400)
  expect(missed.length).toBeLessThan(asked.length / 3)
})

describe('after every write, every read equals the same read past the cache', () => {
  beforeEach(() => {
    round++
  })
  const writes = procedures.filter(({ type, path }) => type === 'mutation' && !path.startsWith('health.'))
  test.each(writes.map((procedure) => [procedure.path, procedure] as const))('%s', async (path, procedure) => {
    await compareAll()
    const { input } = (await examples[path]?.(world)) ?? {}
    const key = procedure.meta.access?.scope === 'admin' ? world.admin.key : world.owner.key
    const { status, text } = await call(app.hono, procedure, input, key)
    // An upload has a door of its own, which says that its end is still to come.
    expect([status, text.slice(0, 200)]).toEqual([path === 'imports.create' ? 202 : 200, expect.anything()])
    expect((await compareAll()).wrong).toEqual([])
  })

  test.each([
    [
      'a published card of a private kind edited',
      async () => {
        const id = await draftCard(world.owner)
        await world.owner.as().cards.edit({ id, title: 'Now another' })
      },
    ],
    [
      'a card that others have cited, unpublished',
      async () => {
        const source = await publishCard(world.stranger, 'Cited and gone')
        const target = await publishCard(world.owner)
        await world.owner.as().attributions.create({ sourceCardId: source, targetCardId: target, type: 'remix' })
        await compareAll()
        await world.stranger.as().cards.unpublish({ id: source })
      },
    ],
    [
      'the citing card deleted',
      async () => {
        const target = await publishCard(world.owner, 'Citing')
        await world.owner
          .as()
          .attributions.create({ sourceCardId: world.strangersCardId, targetCardId: target, type: 'remix' })
        await compareAll()
        await world.owner.as().cards.delete({ id: target })
      },
    ],
    [
      'a card above others, unpublished',
      async () => {
        const parentCardId = await publishCard(world.stranger, 'Above and gone')
        const child = { title: 'Below', body: '', privacyLevel: 'IDEAS', parentCardId } as const
        const { published } = await world.owner.as().cards.publish({ cards: [child] })
        const ofChild = `/api/cards/${published[0]?.id}`
        for (const path of [ofChild, `/api/cards?parentCardId=${parentCardId}`]) {
          for (const key of [undefined, world.owner.key]) reads.push({ path, procedure: 'cards', key })
        }
        await compareAll()
        await world.stranger.as().cards.unpublish({ id: parentCardId })
        expect((await get(app, ofChild)).body).toContain('"parentCardId":null')
      },
    ],
    ['a transfer', () => world.owner.as().tokens.transfer({ toUserId: world.stranger.userId, amount: '2' })],
    ['a profile', () => world.owner.as().users.update({ id: world.owner.userId, displayName: 'Somebody else' })],
    [
      'content taken in',
      () => ingestLines(deps, [contentLine({ title: 'Order again', body: 'More on order.', platform: 'rss' })]),
    ],
    [
      'content taken in again, changed',
      async () => {
        const url = 'https://example.org/changing'
        await ingestLines(deps, [contentLine({ source_url: url, title: 'First', body: 'Order once.' })])
        await compareAll()
        await ingestLines(deps, [contentLine({ source_url: url, title: 'Second', body: 'Order twice.', author: 'Bo' })])
      },
    ],
    [
      'a pattern found',
      () =>
        invalidating(deps, (db) =>
          db
            .insertInto('patterns')
            .values({ authorId: world.authorId, type: 'hook', description: 'New', confidenceScore: 0.9 })
            .execute(),
        ),
    ],
    [
      'the last use of a key noted',
      async () => {
        await deps.keys.authenticate(world.owner.key)
        await deps.keys.flush()
      },
    ],
    [
      'a user deleted, by raw SQL',
      async () => {
        const { userId } = await createAccount(deps, { name: 'leaving' })
        await compareAll()
        await invalidating(deps, (db) => rawWrite(['users'], sql`delete from users where id = ${userId}`).execute(db))
      },
    ],
  ])('%s', async (_, write) => {
    await compareAll()
    await write()
    expect((await compareAll()).wrong).toEqual([])
  })
})

test('the comparison detects an answer that was not purged', async () => {
  await compareAll()
  await deps.db
    .updateTable('users')
    .set({ displayName: 'Behind its back' })
    .where('id', '=', world.owner.userId)
    .execute()
  expect((await compareAll()).wrong.length).toBeGreaterThan(1)
  await deps.cache.clear()
})

describe('a write does not purge answers that it did not change:', () => {
  const stays = async (path: string, write: () => Promise<unknown>, key?: string) => {
    await get(app, path, key)
    await write()
    return (await get(app, path, key)).cache
  }
  const cards = '/api/cards?limit=20'

  test('a draft, its edit and its deletion purge no public list', async () => {
    const { owner } = world
    expect(await stays(cards, () => draftCard(owner))).toBe('HIT')
    const id = await draftCard(owner)
    expect(await stays(cards, () => owner.as().cards.edit({ id, title: 'Still private' }))).toBe('HIT')
    expect(await stays(cards, () => owner.as().cards.delete({ id }))).toBe('HIT')
  })

  test('a transfer purges no cards, users and profiles; an award purges no other accounts', async () => {
    const { owner, stranger, admin } = world
    const pay = () => owner.as().tokens.transfer({ toUserId: stranger.userId, amount: '0.5' })
    for (const path of [cards, '/api/users', `/api/users/${owner.userId}`, '/query/rag?prompt=order']) {
      expect([path, await stays(path, pay)]).toEqual([path, 'HIT'])
    }
    const balance = `/api/tokens/balance/${owner.userId}`
    const award = (toUserId: string) => () => admin.as().tokens.award({ toUserId, amount: '1' })
    expect(await stays(balance, award(stranger.userId), owner.key)).toBe('HIT')
    expect(await stays(balance, award(owner.userId), owner.key)).toBe('MISS')
  })

  test('a publication purges no single cards, other users’ lists, users and searches', async () => {
    const { owner, author, publishedCardId } = world
    const publish = () => publishCard(author)
    const paths = [
      `/api/cards/${publishedCardId}`,
      `/api/cards?userId=${owner.userId}`,
      `/api/attributions/${publishedCardId}`,
      '/api/users',
      '/query/rag?prompt=order',
    ]
    for (const path of paths) expect([path, await stays(path, publish)]).toEqual([path, 'HIT'])
    for (const path of [cards, `/api/cards?userId=${author.userId}`]) expect(await stays(path, publish)).toBe('MISS')
  })

  test('a profile’s update purges no lists without that user', async () => {
    const { owner, stranger } = world
    const list = `/api/cards?userId=${owner.userId}`
    const rename = (account: typeof owner) => () =>
      account.as().users.update({ id: account.userId, displayName: `Name ${Math.random()}` })
    expect(await stays(list, rename(stranger))).toBe('HIT')
    expect(await stays(list, rename(owner))).toBe('MISS')
    // The stranger's card cites one of the owner's.
    const backlinks = `/api/attributions/${world.publishedCardId}`
    expect(await stays(backlinks, rename(world.author))).toBe('HIT')
    expect(await stays(backlinks, rename(stranger))).toBe('MISS')
  })
})
