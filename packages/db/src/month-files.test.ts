import { existsSync } from 'node:fs'
import { type FileHandle, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import type { Database } from './database.ts'
import { attachMonthFile, writeArchivedMonths } from './month-files.ts'
import { ArchivedMonthError, archiveSchema, createPartitions, detachPartitions } from './partitions.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

const template = inject('databaseTemplate')
const name = 'audit_log_2021_03'
const fileName = `${name}.jsonl.gz`
let database: TestDatabase
let db: Kysely<Database>
let root: string
beforeAll(async () => {
  database = await createTestDatabase(template)
  db = database.db
  root = await mkdtemp(join(tmpdir(), 'extropy-month-files-'))
  const now = new Date('2021-03-01T00:00:00Z')
  await createPartitions(db, { from: now, now, monthsAhead: 0 })
  await insertInto('audit_log')
  const before = new Date('2021-04-01T00:00:00Z')
  await detachPartitions(db, { before, concurrently: template.kind === 'postgres', tables: ['audit_log'] })
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await database.close()
  await rm(root, { recursive: true })
})

const insertInto = (table: string) =>
  sql`insert into ${sql.table(table)} (action, created_at) values ('tokens.award', '2021-03-05')`.execute(db)
const archivedRows = async () => {
  const { rows } = await sql<{ count: string }>`select count(*) from ${sql.id(archiveSchema, name)}`.execute(db)
  return Number(rows[0]?.count)
}

/** Calls `hear` before anything is synced, with its place in `folders`: -1 for a file. */
async function onSync(folders: readonly string[], hear: (place: number) => void | Promise<void>): Promise<void> {
  await using probe = await open(root)
  const prototype = Object.getPrototypeOf(probe) as FileHandle
  const { sync } = prototype
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    const { ino } = await this.stat()
    const present = await Promise.all(folders.map((folder) => stat(folder).catch(() => undefined)))
    await hear(present.findIndex((each) => each?.ino === ino))
    await sync.call(this)
  })
}

test('a month that took rows while it was written stays, without a file', async () => {
  const folder = join(root, 'changed')
  // After the file was written, and before the month is locked.
  const changing = new Proxy(db, {
    get(target, key) {
      const value = Reflect.get(target, key)
      if (key !== 'transaction') return typeof value === 'function' ? value.bind(target) : value
      const execute: ReturnType<typeof db.transaction>['execute'] = async (work) => {
        await insertInto(`${archiveSchema}.${name}`)
        return target.transaction().execute(work)
      }
      return () => ({ execute })
    },
  })
  const refused = await writeArchivedMonths(changing, folder).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ArchivedMonthError)
  expect((refused as Error).message).toMatch(`${name} has 2 rows, and 1 were written`)
  expect(await archivedRows()).toBe(2)
  expect(await readdir(folder)).toEqual([])
})

test('a month stays where the name of its file may be lost with the next crash', async () => {
  const folder = join(root, 'failing')
  await mkdir(folder)
  await onSync([folder], (place) => {
    if (place === 0) throw Object.assign(new Error('the disk fails'), { code: 'EIO' })
  })
  await expect(writeArchivedMonths(db, folder)).rejects.toThrow('the disk fails')
  expect(await archivedRows()).toBe(2)
})

test('a folder that cannot be made, or takes no files, is refused at once', async () => {
  const file = join(root, 'file')
  await writeFile(file, '')
  // Node's recursive mkdir never came back from the second.
  const folders = [file, ...(existsSync('/proc/self') ? ['/proc/nowhere', '/proc/nowhere/deep', '/proc'] : [])]
  for (const folder of folders) {
    const refused = await writeArchivedMonths(db, folder).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ArchivedMonthError)
    expect((refused as Error).message).toMatch(`--archive ${folder}: files cannot be written there`)
  }
  expect(await archivedRows()).toBe(2)
})

test('a month leaves the database once its file, with its name and its folders, is on the disk', async () => {
  const [above, folder] = [join(root, 'above'), join(root, 'above', 'below')]
  const synced: (string | boolean)[] = []
  await onSync([root, above, folder], (place) => {
    synced.push(['the file', 'root', 'above', 'below'][place + 1] as string, existsSync(join(folder, fileName)))
  })
  const written = await writeArchivedMonths(db, folder)
  expect(written).toEqual([{ name, file: join(folder, fileName), rows: 2, isDropped: true }])
  expect(synced).toEqual(['root', false, 'above', false, 'the file', false, 'below', true])
  const { rows } = await sql`select to_regclass(${`${archiveSchema}.${name}`})`.execute(db)
  expect(rows).toEqual([{ toRegclass: null }])
  vi.restoreAllMocks()
  expect(await attachMonthFile(db, join(folder, fileName))).toEqual({ name, rows: 2 })
})

const detachAgain = () =>
  detachPartitions(db, {
    before: new Date('2021-04-01T00:00:00Z'),
    concurrently: template.kind === 'postgres',
    tables: ['audit_log'],
  })

test('a month whose file is there already, as after a crash, leaves the database; one that the file does not hold stays', async () => {
  const folder = join(root, 'above', 'below')
  const file = join(folder, fileName)
  await detachAgain()
  const before = await readFile(file)
  expect(await writeArchivedMonths(db, folder)).toEqual([{ name, file, rows: 2, isDropped: true }])
  expect(await readFile(file)).toEqual(before)

  await attachMonthFile(db, file)
  await insertInto('audit_log')
  await detachAgain()
  await expect(writeArchivedMonths(db, folder)).rejects.toThrow(`${file} holds other rows than ${name}`)
  expect(await readFile(file)).toEqual(before)
  expect(await archivedRows()).toBe(3)
})
