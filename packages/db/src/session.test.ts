import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase, type DatabaseHandle } from './create-db.ts'
import { hotRead } from './driver/hot-read.ts'
import { DatabaseSetupError } from './pg-errors.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'
import { isoTimestamp } from './type-parsers.ts'

const template = inject('databaseTemplate')

test.each([
  ['2026-01-02 03:04:05.678901+00', '2026-01-02T03:04:05.678901Z'],
  ['2026-01-02 03:04:05.678901+02', '2026-01-02T01:04:05.678901Z'],
  ['2026-01-02 03:04:05+05:30', '2026-01-01T21:34:05Z'],
  ['1891-03-14 23:59:59.5-00:19:32', '1891-03-15T00:19:31.5Z'],
  ['0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00Z'],
  ['12026-01-02 03:04:05+00', '+012026-01-02T03:04:05Z'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
])('the time %s is %s', (written, iso) => {
  expect(isoTimestamp(written)).toBe(iso)
})

test.each(['02/03/2026 04:05:06 UTC', '02.03.2026 04:05:06.5 CET', '02.03.2026 04:05:06 +00', 'Mon Feb 02 2026', ''])(
  'a time in another form is refused, not guessed: %s',
  (written) => {
    expect(() => isoTimestamp(written)).toThrow(RangeError)
  },
)

/** Each of them would change the results of the reads below. */
const others = {
  DateStyle: 'German',
  TimeZone: 'Asia/Kolkata',
  IntervalStyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  search_path: 'elsewhere',
}

const read = hotRead('test.settings', (db, _: object) =>
  db.selectNoFrom([
    sql<string>`timestamptz '2026-03-02 01:00:00+02'`.as('at'),
    sql<string>`timestamptz '2026-03-02 01:00:00+02'::text`.as('atText'),
    sql<string>`(interval '1 day 2 hours')::text`.as('interval'),
    sql<string>`'\\x00ff'::bytea::text`.as('bytes'),
    sql<number>`0.1::float8 + 0.2`.as('float'),
    sql<string>`'a\\b'`.as('backslash'),
    sql<string>`'{null}'::text[] = array[null::text]`.as('nulls'),
    sql<number>`count(*) filter (where null::int = null)`.as('nullEquals'),
    sql<string>`quote_ident('users')`.as('quoted'),
    sql<string>`'users'::regclass::text`.as('table'),
  ]),
)
const expected = {
  at: '2026-03-01T23:00:00Z',
  atText: '2026-03-01 23:00:00+00',
  interval: '1 day 02:00:00',
  bytes: '\\x00ff',
  float: 0.30000000000000004,
  backslash: 'a\\b',
  nulls: true,
  nullEquals: '0',
  quoted: 'users',
  table: 'users',
}

if (template.kind === 'embedded') {
  test('the embedded database’s session has the pinned settings too, whatever is stored in its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'extropy-session-'))
    const before = await createDatabase({ url: folder, embeddedSnapshot: await openAsBlob(template.file) })
    for (const [name, value] of Object.entries(others))
      await sql.raw(`alter system set ${name} = '${value}'`).execute(before.db)
    await before.close()
    const handle = await createDatabase({ url: folder })
    expect(await read(handle.db, {})).toEqual([expected])
    await handle.close()
    await rm(folder, { recursive: true })
  })
} else {
  let database: TestDatabase
  const name = () => new URL(database.url).pathname.slice(1)
  const setAll = (settings: Readonly<Record<string, string>>) =>
    sql
      .raw(
        Object.entries(settings)
          .map(([key, value]) => `alter database ${name()} set ${key} = '${value}'`)
          .join('; '),
      )
      .execute(database.db)
  beforeAll(async () => {
    database = await createTestDatabase(template)
  })
  afterAll(() => database.close())
  const withHandle = async (handle: DatabaseHandle, use: (db: DatabaseHandle['db']) => Promise<void>) =>
    use(handle.db).finally(() => handle.close())

  describe('on a database with other settings', () => {
    beforeAll(() => setAll(others))

    test.each([
      ['the pool', { lane: false as const }, ''],
      ['the lane', {}, ''],
      ['a connection whose URL has options', {}, '?options=-c%20DateStyle%3DGerman%20-c%20work_mem%3D5MB'],
    ])('%s has its own', async (_, options, search) => {
      await withHandle(await createDatabase({ url: database.url + search, ...options }), async (db) => {
        expect(await read(db, {})).toEqual([expected])
        const { rows } = await sql<{ mb: string }>`select current_setting('work_mem') as mb`.execute(db)
        expect(rows[0]?.mb === '5MB').toBe(search !== '')
      })
    })

    test('a search_path in the URL is an operator’s choice, and stays', async () => {
      const url = `${database.url}?options=-c%20search_path%3Delsewhere`
      await withHandle(await createDatabase({ url }), async (db) => {
        const { rows } = await sql`select current_setting('search_path') as path`.execute(db)
        expect(rows).toEqual([{ path: 'elsewhere' }])
      })
    })
  })

  const { TEST_PGBOUNCER_URL } = process.env
  if (TEST_PGBOUNCER_URL !== undefined) {
    describe('behind a pooler', () => {
      const carried = ['DateStyle', 'TimeZone', 'standard_conforming_strings']
      const open = async (settings: Readonly<Record<string, string>>) => {
        // A pooler goes on with the sessions that it has.
        const own = await createTestDatabase(template)
        const { hostname, port } = new URL(TEST_PGBOUNCER_URL)
        const url = Object.assign(new URL(own.url), { hostname, port })
        const set = Object.entries(settings).map(
          ([key, value]) => `alter database ${url.pathname.slice(1)} set ${key} = '${value}'`,
        )
        if (set.length > 0) await sql.raw(set.join('; ')).execute(own.db)
        const handle = await createDatabase({ url: url.href, behindPooler: true })
        return { ...handle, close: () => handle.close().then(() => own.close()) }
      }

      test('the settings that poolers carry over are set', async () => {
        const settings = Object.fromEntries(Object.entries(others).filter(([key]) => carried.includes(key)))
        await withHandle(await open(settings), async (db) => expect(await read(db, {})).toEqual([expected]))
      })

      test.each(Object.entries(others).filter(([key]) => !carried.includes(key)))(
        'what they do not is refused, with what to do about it: %s = %s',
        async (key, value) => {
          await withHandle(await open({ [key]: value }), async (db) => {
            const error = await read(db, {}).catch((each: unknown) => each)
            expect(error).toBeInstanceOf(DatabaseSetupError)
            expect((error as Error).message).toMatch(
              new RegExp(`ALTER ROLE … SET ${key} = \\S+.* let the pooler reconnect`),
            )
          })
        },
      )
    })
  }
}
