import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '../database.ts'
import { hotRead } from '../driver/hot-read.ts'
import { withScope, withTouched } from '../driver/scopes.ts'
import { DatabaseUnavailableError } from '../pg-errors.ts'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { rawRead, rawWrite } from './declared-sql.ts'
import { functionsOnTables } from './raw-sql.ts'
import { createRecorder, type QueryRecorder } from './recorder.ts'
import { findFacts, tableNames } from './table-facts.ts'

let database: TestDatabase
let db: Kysely<Database>
let ada: string
let bob: string
let card: string

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  db = database.db
  ada = await user('ada')
  bob = await user('bob')
  card = await newCard(db, ada, true)
})
afterAll(() => database.close())

const user = async (username: string) =>
  (
    await db
      .insertInto('users')
      .values({ username, email: `${username}@example.org`, displayName: username })
      .returning('id')
      .executeTakeFirstOrThrow()
  ).id
let made = 0
const newCard = async (on: Kysely<Database>, userId: string, isPublished: boolean) =>
  (
    await on
      .insertInto('cards')
      .values({
        userId,
        title: 'A card',
        body: '',
        privacyLevel: 'IDEAS',
        slug: `slug-${++made}`,
        isPublished,
        publishedAt: isPublished ? '2026-01-01T00:00:00Z' : null,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
  ).id

async function record(work: (db: Kysely<Database>) => Promise<unknown>): Promise<QueryRecorder> {
  const recorder = createRecorder()
  await work(withScope(db, { recorder }))
  await recorder.addShown(db)
  return recorder
}
const readsOf = async (work: (db: Kysely<Database>) => Promise<unknown>) => [...(await record(work)).reads].sort()
const writesOf = async (work: (db: Kysely<Database>) => Promise<unknown>) => (await record(work)).writes
/** Whether the write makes the read's answer unreachable. */
async function meets(
  read: (db: Kysely<Database>) => Promise<unknown>,
  write: (db: Kysely<Database>) => Promise<unknown>,
): Promise<boolean> {
  const reads = await readsOf(read)
  const writes = await writesOf(write)
  return reads.some((tag) => writes.has(tag))
}

describe('a read depends', () => {
  test('on the rows that its predicate names by key', async () => {
    const reads = await readsOf((on) => on.selectFrom('cards').select('title').where('id', '=', card).execute())
    expect(reads).toEqual(['cards*', 'cards.id', `cards.id=${card}`])
  })

  test('on rows by key whatever the case of a uuid', async () => {
    const reads = await readsOf((on) =>
      on.selectFrom('cards').select('title').where('id', '=', card.toUpperCase()).execute(),
    )
    expect(reads).toContain(`cards.id=${card}`)
  })

  test('on a list of keys, on a literal, and through the equality of two columns', async () => {
    expect(
      await readsOf((on) => on.selectFrom('cards').select('title').where('userId', 'in', [ada, bob]).execute()),
    ).toEqual(['cards*', 'cards.user_id', `cards.user_id=${ada}`, `cards.user_id=${bob}`].sort())
    expect(
      await readsOf((on) => on.selectFrom('cards').select('title').where('isPublished', '=', sql.lit(true)).execute()),
    ).toEqual(['cards*', 'cards.is_published', 'cards.is_published=true'])
    expect(
      await readsOf((on) =>
        on
          .selectFrom('cards')
          .innerJoin('users', 'users.id', 'cards.userId')
          .select(['cards.title', 'users.username'])
          .where('cards.userId', '=', ada)
          .execute(),
      ),
    ).toEqual(['cards*', 'cards.user_id', `cards.user_id=${ada}`, 'users*', 'users.id', `users.id=${ada}`].sort())
  })

  test('on the whole table where the predicate names no key, or only one side of an OR does', async () => {
    const whole = ['cards*', 'cards']
    expect(await readsOf((on) => on.selectFrom('cards').select('title').execute())).toEqual(whole.sort())
    expect(
      await readsOf((on) =>
        on
          .selectFrom('cards')
          .select('title')
          .where(({ eb, or }) => or([eb('id', '=', card), eb('title', '=', 'x')]))
          .execute(),
      ),
    ).toEqual(whole.sort())
    expect(await readsOf((on) => on.selectFrom('cards').select('title').where('id', '<>', card).execute())).toEqual(
      whole.sort(),
    )
  })

  test('of a joined table, on the rows that the result shows', async () => {
    const reads = await readsOf((on) =>
      on
        .selectFrom('cards')
        .innerJoin('users', 'users.id', 'cards.userId')
        .select(['cards.userId', 'users.username'])
        .where('cards.isPublished', '=', true)
        .execute(),
    )
    expect(reads).toContain(`users.id=${ada}`)
    expect(reads).not.toContain('users')
  })

  test('of a table that is referenced through another, on the rows that the result shows', async () => {
    // An attribution's target user is its target card's, and that one is a user.
    const reads = await readsOf((on) =>
      on
        .selectFrom('attributions')
        .innerJoin('users', 'users.id', 'attributions.targetUserId')
        .select(['users.id', 'users.username'])
        .where('attributions.sourceCardId', '=', card)
        .execute(),
    )
    expect(reads).toContain('users.id')
    expect(reads).not.toContain('users')
  })

  test('of a joined table that also filters, on changes of the filter in any row', async () => {
    const reads = await readsOf((on) =>
      on
        .selectFrom('cards')
        .innerJoin('users', 'users.id', 'cards.userId')
        .select(['cards.userId', 'users.username'])
        .where('users.displayName', '<>', 'nobody')
        .execute(),
    )
    expect(reads).toContain(`users.id=${ada}`)
    expect(reads).toContain('users~display_name')
  })

  test('on every row of a table that an outer join keeps whole', async () => {
    const reads = await readsOf((on) =>
      on
        .selectFrom('cards')
        .rightJoin('users', (join) => join.onRef('users.id', '=', 'cards.userId').on('users.id', '=', ada))
        .select(['cards.userId', 'users.username'])
        .execute(),
    )
    expect(reads).toContain('users')
    expect(reads).toContain('cards')
  })

  test('on the values of a compiled hot read, not on its placeholders', async () => {
    const find = hotRead('dependencies.test', (on, input: { id: string }) =>
      on.selectFrom('cards').select('title').where('id', '=', input.id),
    )
    await find(db, { id: ada })
    expect(await readsOf((on) => find(on, { id: card }))).toEqual(['cards*', 'cards.id', `cards.id=${card}`])
  })

  test('on the tables that raw SQL declares, and on Kysely’s parts inside it', async () => {
    const reads = await readsOf((on) =>
      rawRead(
        ['cards'],
        sql`select 1 from cards join (${on.selectFrom('attributions').selectAll().where('sourceCardId', '=', card)}) as a
            on a.source_card_id = cards.id`,
      ).execute(on),
    )
    expect(reads).toEqual([
      'attributions*',
      'attributions.source_card_id',
      `attributions.source_card_id=${card}`,
      'cards',
      'cards*',
    ])
  })

  test('on columns that churn only where raw SQL declares one, or the whole table', async () => {
    const names = sql`select username from users`
    const facetsOf = async (query: typeof names) =>
      (await readsOf((on) => query.execute(on))).filter((tag) => !tag.endsWith('*'))
    expect(await facetsOf(rawRead(['users.username', 'users.displayName'], names))).toEqual(['users'])
    expect(await facetsOf(rawRead(['users.extropyBalance'], names))).toEqual(['users$'])
    expect(await facetsOf(rawRead(['users'], names))).toEqual(['users', 'users$'])
  })

  test.each([
    ['a statement', (on: Kysely<Database>) => sql`select title from cards`.execute(on)],
    ['a statement that reads nothing', (on: Kysely<Database>) => sql`select 1`.execute(on)],
    [
      'a subquery',
      (on: Kysely<Database>) => on.selectFrom('cards').select(sql`(select count(*) from users)`.as('n')).execute(),
    ],
    [
      'a function that reads',
      (on: Kysely<Database>) => on.selectNoFrom(sql`extropy_near_terms('a', 1)`.as('n')).execute(),
    ],
    ['a function that writes', (on: Kysely<Database>) => on.selectNoFrom(sql`extropy_move(null)`.as('n')).execute()],
    ['a write', (on: Kysely<Database>) => sql`delete from cards where false`.execute(on)],
  ])('on raw SQL only by its declaration: %s without one is an error', async (_, query) => {
    await expect(record(query)).rejects.toThrow(/Say what this SQL reads or changes|does not exist/)
  })

  test('an undeclared write is refused before it takes effect', async () => {
    await expect(record((on) => sql`update cards set title = 'undeclared'`.execute(on))).rejects.toThrow('Say what')
    expect(await db.selectFrom('cards').select('id').where('title', '=', 'undeclared').execute()).toEqual([])
  })

  test('on tables in subqueries, in raw parts and in WITH', async () => {
    const reads = await readsOf((on) =>
      on
        .with('some', (cte) => cte.selectFrom('authors').select('id'))
        .selectFrom('some')
        .select(({ selectFrom }) => [
          selectFrom('patterns')
            .select(({ fn }) => fn.countAll().as('count'))
            .as('count'),
          rawRead(['patternContents'], sql`array(select content_id from pattern_contents)`).as('ids'),
        ])
        .execute(),
    )
    expect(reads).toEqual(
      ['authors', 'authors*', 'pattern_contents', 'pattern_contents*', 'patterns', 'patterns*'].sort(),
    )
  })

  test.each([
    [
      'the time',
      (on: Kysely<Database>) => on.selectFrom('cards').select('id').where('createdAt', '<', sql<string>`now()`),
    ],
    [
      'the catalog',
      (on: Kysely<Database>) => on.selectFrom(sql<{ relname: string }>`pg_class`.as('c')).select('relname'),
    ],
    [
      'a table of nobody knows what',
      (on: Kysely<Database>) => on.selectFrom('information_schema.tables' as 'cards').select(sql`1`.as('one')),
    ],
  ])('on %s, which no tag stands for: it is recorded as unknown', async (_, query) => {
    expect((await record((on) => query(on).execute())).unknown).toBeDefined()
  })
})

describe('a write meets', () => {
  const byId = (on: Kysely<Database>) => on.selectFrom('cards').select('title').where('id', '=', card).execute()
  const ofAda = (on: Kysely<Database>) => on.selectFrom('cards').select('title').where('userId', '=', ada).execute()
  const ofBob = (on: Kysely<Database>) => on.selectFrom('cards').select('title').where('userId', '=', bob).execute()
  const all = (on: Kysely<Database>) => on.selectFrom('cards').select('title').execute()
  const published = (on: Kysely<Database>) =>
    on.selectFrom('cards').select('title').where('isPublished', '=', true).execute()
  const rename = (on: Kysely<Database>) =>
    on
      .updateTable('cards')
      .set({ title: `Card ${++made}` })
      .where('id', '=', card)
      .execute()

  test('the readers of its rows, by any key, and no others', async () => {
    for (const read of [byId, ofAda, all, published]) expect(await meets(read, rename)).toBe(true)
    expect(await meets(ofBob, rename)).toBe(false)
  })

  test('the readers of the old value and of the new one', async () => {
    const give = (to: string) => (on: Kysely<Database>) =>
      on.updateTable('cards').set({ userId: to }).where('id', '=', card).execute()
    expect(await meets(ofAda, give(bob))).toBe(true)
    expect(await meets(ofAda, give(ada))).toBe(true)
  })

  test('of an insert, the readers whose condition the new row may fit', async () => {
    const draft = (on: Kysely<Database>) => newCard(on, bob, false)
    expect(await meets(published, draft)).toBe(false)
    expect(await meets(ofAda, draft)).toBe(false)
    expect(await meets(ofBob, draft)).toBe(true)
    expect(await meets(all, draft)).toBe(true)
    expect(await meets(published, (on) => newCard(on, bob, true))).toBe(true)
  })

  test('nobody where no row fits', async () => {
    const nothing = (on: Kysely<Database>) =>
      on.updateTable('cards').set({ title: 'x' }).where('id', '=', ada).execute()
    expect((await writesOf(nothing)).size).toBe(0)
  })

  test('of columns that churn, only their own readers', async () => {
    const balance = (on: Kysely<Database>) =>
      on.selectFrom('users').select('extropyBalance').where('id', '=', ada).execute()
    const profile = (on: Kysely<Database>) => on.selectFrom('users').select('bio').where('id', '=', ada).execute()
    const pay = (on: Kysely<Database>) =>
      on.updateTable('users').set({ extropyBalance: '1', tokensEarned: '1' }).where('id', '=', ada).execute()
    const describe = (on: Kysely<Database>) => on.updateTable('users').set({ bio: 'x' }).where('id', '=', ada).execute()
    expect([await meets(balance, pay), await meets(profile, pay)]).toEqual([true, false])
    expect([await meets(balance, describe), await meets(profile, describe)]).toEqual([false, true])
    const count = (on: Kysely<Database>) =>
      on
        .selectFrom('users')
        .select(({ fn }) => fn.countAll().as('count'))
        .execute()
    expect(await meets(count, pay)).toBe(false)
  })

  test('of a deletion, also the readers of rows that are deleted with it', async () => {
    const source = await newCard(db, ada, true)
    const target = await newCard(db, bob, true)
    await db
      .insertInto('attributions')
      .values({
        sourceCardId: source,
        sourceUserId: ada,
        targetCardId: target,
        targetUserId: bob,
        type: 'reply',
        tokensTransferred: '1',
      })
      .execute()
    const backlinks = (on: Kysely<Database>) =>
      on.selectFrom('attributions').select('type').where('sourceCardId', '=', source).execute()
    expect(await meets(backlinks, (on) => on.deleteFrom('cards').where('id', '=', target).execute())).toBe(true)
  })

  test('of raw SQL, all readers of the table and of tables that its triggers fill', async () => {
    const write = (on: Kysely<Database>) =>
      rawWrite(['contentChunks'], sql`delete from content_chunks where ordinal < 0`).execute(on)
    const terms = (on: Kysely<Database>) => rawRead(['searchTerms'], sql`select count(*) from search_terms`).execute(on)
    expect(await meets(terms, write)).toBe(true)
    expect(await meets(byId, write)).toBe(false)
    const aimed = (on: Kysely<Database>) =>
      sql`update cards set title = title where id = ${card}`.execute(
        withTouched(on, [{ table: 'cards', kind: 'update', changed: ['title'], keys: { id: card } }]),
      )
    expect(await meets(byId, aimed)).toBe(true)
    expect(await meets(ofBob, aimed)).toBe(true) // The statement does not say whose card it is.
  })

  test('of rows that the same transaction inserted, no reader that only follows references', async () => {
    const joined = (on: Kysely<Database>) =>
      on
        .selectFrom('attributions')
        .innerJoin('cards', 'cards.id', 'attributions.targetCardId')
        .select(['attributions.targetCardId', 'cards.title'])
        .where('cards.isPublished', '=', true)
        .where('attributions.sourceCardId', '=', card)
        .execute()
    const publishNew = (on: Kysely<Database>) =>
      on.transaction().execute(async (trx) => {
        const id = await newCard(trx, bob, false)
        await trx
          .updateTable('cards')
          .set({ isPublished: true, publishedAt: '2026-01-01T00:00:00Z' })
          .where('id', '=', id)
          .execute()
      })
    expect(await meets(joined, publishNew)).toBe(false)
    expect(await meets(published, publishNew)).toBe(true)
  })

  test('of a column that shows or hides referencing rows, their readers and no others', async () => {
    const [hidden, unrelated] = [await newCard(db, bob, false), await newCard(db, bob, false)]
    const ids = { sourceCardId: card, sourceUserId: ada, targetCardId: hidden, targetUserId: bob }
    await db
      .insertInto('attributions')
      .values({ ...ids, type: 'remix', tokensTransferred: '1' })
      .execute()
    const shown = (sourceCardId: string) => (on: Kysely<Database>) =>
      on
        .selectFrom('attributions')
        .innerJoin('cards', 'cards.id', 'attributions.targetCardId')
        .select(['attributions.targetCardId', 'cards.title'])
        .where('cards.isPublished', '=', true)
        .where('attributions.sourceCardId', '=', sourceCardId)
        .execute()
    const publish = (id: string) => (on: Kysely<Database>) =>
      on
        .updateTable('cards')
        .set({ isPublished: true, publishedAt: '2026-01-01T00:00:00Z' })
        .where('id', '=', id)
        .execute()
    const retitle = (on: Kysely<Database>) =>
      on.updateTable('cards').set({ title: 'Other' }).where('id', '=', unrelated).execute()
    expect(await meets(shown(card), publish(hidden))).toBe(true)
    expect(await meets(shown(card), publish(unrelated))).toBe(false)
    expect(await meets(shown(ada), publish(hidden))).toBe(false)
    expect(await meets(shown(card), retitle)).toBe(false)
  })

  test('more than it must where a write is large, and never less', async () => {
    const recorder = await record((on) =>
      on
        .insertInto('authors')
        .values(
          Array.from({ length: 1001 }, (_, n) => ({ platform: 'web' as const, username: `a${n}`, displayName: 'A' })),
        )
        .execute(),
    )
    expect(recorder.writes).toContain('authors*')
  })
})

describe('a write meets a read of', () => {
  type Work = (on: Kysely<Database>) => Promise<unknown>
  const renamed = (id: string, on: Kysely<Database>) =>
    on
      .updateTable('users')
      .set({ displayName: `Name ${++made}` })
      .where('id', '=', id)
      .execute()
  const renameAda: Work = (on) => renamed(ada, on)
  const renameBob: Work = (on) => renamed(bob, on)
  const pay: Work = (on) =>
    on.updateTable('users').set({ extropyBalance: '5', tokensEarned: '5' }).where('id', '=', ada).execute()
  const edit: Work = (on) =>
    on
      .updateTable('cards')
      .set({ title: `Card ${++made}` })
      .where('id', '=', card)
      .execute()
  const withNames = (on: Kysely<Database>) => on.selectFrom('cards').innerJoin('users', 'users.id', 'cards.userId')
  const shown = (on: Kysely<Database>) => withNames(on).select(['cards.id', 'cards.userId']).limit(1)

  const cases: [string, Work, Work][] = [
    ['a table that raw SQL declares', (on) => rawRead(['users'], sql`select * from users`).execute(on), pay],
    [
      'whole rows by an alias',
      (on) => on.selectFrom('users as u').select(sql`to_jsonb(u)`.as('row')).where('u.id', '=', ada).execute(),
      pay,
    ],
    [
      'whole rows by a function',
      (on) =>
        on
          .selectFrom('users')
          .select(({ fn }) => fn.toJson('users').as('row'))
          .where('id', '=', ada)
          .execute(),
      pay,
    ],
    [
      'a table that sql.id names',
      (on) =>
        on
          .selectFrom(sql<{ username: string }>`${sql.id('users')}`.as('u'))
          .select('username')
          .execute(),
      renameAda,
    ],
    [
      'two result columns of one name',
      (on) => withNames(on).select(['cards.id', 'users.displayName']).select('users.id').execute(),
      renameAda,
    ],
    [
      'a key under the name of another column',
      (on) => withNames(on).select(['cards.title as userId', 'cards.userId', 'users.displayName']).execute(),
      renameAda,
    ],
    [
      'an order by a column that has an alias',
      (on) => shown(on).select('users.displayName as name').orderBy('name').execute(),
      renameBob,
    ],
    [
      'an order by an alias that is another column',
      (on) => shown(on).select('users.displayName as title').orderBy('title').execute(),
      renameBob,
    ],
    ['an order by place', (on) => shown(on).select('users.displayName as name').orderBy(sql`3`).execute(), renameBob],
    [
      'a rank among rows that are not shown',
      (on) =>
        shown(on)
          .select(({ fn }) =>
            fn
              .agg<number>('rank')
              .over((over) => over.orderBy('users.displayName'))
              .as('rank'),
          )
          .execute(),
      renameBob,
    ],
    [
      'a count over parts',
      (on) =>
        on
          .selectFrom('users')
          .select(({ fn }) =>
            fn
              .countAll<number>()
              .over((over) => over.partitionBy('extropyBalance'))
              .as('alike'),
          )
          .execute(),
      pay,
    ],
    [
      'a uuid in another spelling',
      (on) => on.selectFrom('cards').select('title').where('id', '=', `{${card}}`).execute(),
      edit,
    ],
    [
      'a boolean in another spelling',
      (on) =>
        on
          .selectFrom('cards')
          .select('title')
          .where('isPublished', '=', 't' as never)
          .execute(),
      edit,
    ],
    [
      'what a MERGE changes',
      (on) => on.selectFrom('users').select('displayName').where('id', '=', ada).execute(),
      (on) =>
        on
          .mergeInto('users')
          .using('cards', (join) => join.onRef('cards.userId', '=', 'users.id').on('cards.id', '=', card))
          .whenMatched()
          .thenUpdateSet({ displayName: 'Merged' })
          .execute(),
    ],
    [
      'what a transaction changes in a row that its upsert has found',
      (on) => withNames(on).select('cards.title').where('users.displayName', '<>', 'nobody').execute(),
      (on) =>
        on.transaction().execute(async (trx) => {
          const { id } = await trx
            .insertInto('users')
            .values({ username: 'ada', email: 'ada@example.org', displayName: 'x' })
            .onConflict((conflict) => conflict.expression(sql`lower(email)`).doUpdateSet({ bio: 'b' }))
            .returning('id')
            .executeTakeFirstOrThrow()
          await trx.updateTable('users').set({ displayName: 'nobody' }).where('id', '=', id).execute()
        }),
    ],
  ]
  test.each(cases)('%s', async (_, read, write) => {
    expect(await meets(read, write)).toBe(true)
  })
})

test('a write returns only the columns that it was asked for', async () => {
  const plain = await db.updateTable('cards').set({ title: 'x' }).where('id', '=', card).executeTakeFirst()
  expect(plain.numUpdatedRows).toBe(1n)
  const returned = await db
    .updateTable('cards as c')
    .set({ title: 'y' })
    .where('c.id', '=', card)
    .returning('c.title')
    .execute()
  expect(returned).toEqual([{ title: 'y' }])
})

test('every database function that reads a table is listed, so that raw SQL that calls one must declare it', async () => {
  const { rows } = await sql<{ name: string; source: string }>`
    select proname as name, prosrc as source
    from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
    where nspname = 'public' and prorettype <> 'trigger'::regtype
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`.execute(db)
  const usesTable = (source: string): boolean =>
    [...source.matchAll(/\b(?:from|join|into|update)\s+(\w+)/gi)].some(([, table = '']) => tableNames.has(table)) ||
    rows.some(({ name, source: callee }) => source !== callee && source.includes(`${name}(`) && usesTable(callee))
  const onTables = rows.filter(({ source }) => usesTable(source)).map(({ name }) => name)
  expect(onTables.sort()).toEqual([...functionsOnTables].sort())
})

test('each table declares the tables that its triggers fill', async () => {
  const { rows } = await sql<{ table: string; source: string }>`
    select relname as table, prosrc as source from pg_trigger
    join pg_class on pg_class.oid = tgrelid join pg_proc on pg_proc.oid = tgfoid
    where not tgisinternal and not relispartition`.execute(db)
  expect(rows.length).toBeGreaterThan(5)
  for (const { table, source } of rows) {
    const filled = [...source.matchAll(/\b(?:insert into|update|delete from)\s+(\w+)/gi)].map(([, name = '']) => name)
    for (const name of filled.filter((each) => tableNames.has(each))) {
      expect(findFacts(table)?.maintains, `${table} → ${name}`).toContain(name)
    }
  }
})

test.runIf(inject('databaseTemplate').kind === 'postgres')(
  'a declared statement whose connection breaks may have been done: its rows are written, and the error is the connection’s',
  async () => {
    const id = '00000000-0000-4000-8000-000000000001'
    const recorder = createRecorder()
    const on = withTouched(withScope(db, { recorder }), [
      { table: 'cards', kind: 'update', changed: ['title'], keys: { id } },
    ])
    const broken = sql`select pg_terminate_backend(pg_backend_pid())`.execute(on)
    await expect(broken).rejects.toBeInstanceOf(DatabaseUnavailableError)
    expect([...recorder.writes].join(' ')).toContain(id)
  },
)
