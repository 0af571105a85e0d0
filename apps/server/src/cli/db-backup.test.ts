import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDeps, createWorld } from '@extropy/api/testing'
import type { DatabaseHandle } from '@extropy/db'
import { createBlankDatabase, createTestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { run } from '../testing/server-process.ts'

const template = inject('databaseTemplate')
const needed = 17

/** The folder of a pg_dump that is new enough: TEST_PG_BIN, the PATH's, or one of Debian's. */
async function findPgBin(): Promise<string | undefined> {
  const debians = '/usr/lib/postgresql'
  const versions = await readdir(debians).catch(() => [])
  const onPath = (process.env.PATH ?? '').split(':')
  const folders = [process.env.TEST_PG_BIN ?? [], ...onPath, ...versions.map((name) => join(debians, name, 'bin'))]
  for (const folder of folders.flat()) {
    const said = await promisify(execFile)(join(folder, 'pg_dump'), ['--version']).catch(() => undefined)
    if (Number(/ (\d+)\./.exec(said?.stdout ?? '')?.[1]) >= needed) return folder
  }
  return undefined
}

const pgBin = template.kind === 'postgres' ? await findPgBin() : undefined
if (template.kind === 'postgres' && pgBin === undefined) {
  process.stderr.write(`Not run: backup and restore (no pg_dump ${needed}; set TEST_PG_BIN).\n`)
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-backup-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function command(name: string, args: readonly string[], url: string) {
  const started = run(`apps/server/src/cli/${name}.ts`, args, { DATABASE_URL: url })
  return { status: await started.exit(), output: started.output() }
}

/** Table to the number of its rows and a hash of all of them. */
async function rowsOf({ db }: DatabaseHandle): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select oid::regclass::text as name from pg_class
    where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
      and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')`.execute(db)
  const hashes: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ hash: string }>`
      select count(*) || ' ' || coalesce(md5(string_agg(row::text, E'\n' order by row::text)), '') as hash
      from ${sql.table(name)} as row`.execute(db)
    hashes[name] = rows[0]?.hash ?? ''
  }
  return hashes
}

describe.runIf(pgBin !== undefined)('on a server', () => {
  const bin = ['--pg-bin', pgBin ?? '']

  test('a backup is restored into an empty database: the same rows, a sound ledger, the history as well guarded', {
    timeout: 120_000,
  }, async () => {
    const source = await createTestDatabase(template)
    const target = await createBlankDatabase(template)
    try {
      await createWorld(await createTestDeps(source))
      const file = join(folder, 'extropy.dump')
      expect(await command('db-backup', [file, ...bin], source.url)).toMatchObject({
        status: 0,
        output: expect.stringMatching(/extropy\.dump: \d+ kB\n$/),
      })
      expect(await command('db-restore', [file, ...bin], target.url)).toMatchObject({ status: 0 })
      const before = await rowsOf(source)
      expect(Object.keys(before).length).toBeGreaterThan(20)
      expect(before.extropy_ledger).toMatch(/^[1-9]/)
      expect(await rowsOf(target)).toEqual(before)
      expect(await command('ledger-verify', [], target.url)).toMatchObject({
        status: 0,
        output: expect.stringContaining('0 problems'),
      })
      const rights = ({ db }: DatabaseHandle) =>
        sql`select relname, relacl::text from pg_class where relname in ('extropy_ledger', 'audit_log') order by 1`
          .execute(db)
          .then(({ rows }) => rows)
      expect(await rights(target)).toEqual(await rights(source))
      expect(await command('db-restore', [file, ...bin], target.url)).toMatchObject({
        status: 1,
        output: expect.stringMatching(/The database has tables, such as \w+\. Restore into an empty one\.\n$/),
      })
    } finally {
      await source.close()
      await target.close()
    }
  })

  test('what is no dump changes nothing, and says so', { timeout: 60_000 }, async () => {
    const target = await createBlankDatabase(template)
    const file = join(folder, 'no.dump')
    await writeFile(file, 'posts')
    const restored = await command('db-restore', [file, ...bin], target.url).finally(() => target.close())
    expect(restored).toMatchObject({ status: 1, output: expect.stringContaining('pg_restore has failed.') })
  })
})

test('without the programs, or with the embedded database, a line says what to do', async () => {
  const file = join(folder, 'x.dump')
  const server = 'postgres://me:hunter2@127.0.0.1:1/extropy'
  const missing = await command('db-backup', [file, '--pg-bin', folder], server)
  expect(missing).toMatchObject({ status: 1, output: expect.stringMatching(/^pg_dump cannot be run: .*--pg-bin\.\n$/) })
  expect(missing.output).not.toContain('hunter2')
  expect(await command('db-backup', [file], join(folder, 'data'))).toMatchObject({
    status: 1,
    output: expect.stringMatching(/^The embedded database is a folder: stop the server, and copy /),
  })
  expect(await readdir(folder)).not.toContain('x.dump')
  await expect(readFile(`${file}.unfinished`)).rejects.toThrow('ENOENT')
})
