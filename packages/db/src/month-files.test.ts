import { existsSync } from 'node:fs'
import { type FileHandle, mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
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

test('what a failed run has begun is gone, and months that are refused keep no other one back', async () => {
  const folder = join(root, 'above', 'below')
  const later = new Date('2021-05-01T00:00:00Z')
  await createPartitions(db, { from: later, now: later, monthsAhead: 1 })
  const before = new Date('2021-07-01T00:00:00Z')
  await detachPartitions(db, { before, concurrently: template.kind === 'postgres', tables: ['audit_log'] })
  const renamed = 'audit_log_2021_05'
  await sql`alter table ${sql.id(archiveSchema, renamed)} rename column id to other`.execute(db)
  const refused = await writeArchivedMonths(db, folder).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ArchivedMonthError)
  const [first, second, ...others] = (refused as Error).message.split('\n')
  expect(first).toMatch(`holds other rows than ${name}`)
  expect(second).toMatch(new RegExp(`^${renamed} cannot be written: .*"?id"? does not exist`))
  expect(others).toEqual([])
  expect((await readdir(folder)).toSorted()).toEqual([fileName, 'audit_log_2021_06.jsonl.gz'])
  await sql`alter table ${sql.id(archiveSchema, renamed)} rename column other to id`.execute(db)
})

test('a file that cannot be synced, as on a full disk, is taken away again', async () => {
  const folder = join(root, 'full')
  await mkdir(folder)
  await onSync([], () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'fsync' })
  })
  await expect(writeArchivedMonths(db, folder)).rejects.toThrow(/^no space left on device$/)
  expect(await readdir(folder)).toEqual([])
})

test('what a killed run has left is removed after a day', async () => {
  const folder = join(root, 'killed')
  await mkdir(folder)
  const [old, fresh, foreign] = [`${fileName}.1.partial`, `${fileName}.2.partial`, 'notes.jsonl.gz.3.partial']
  for (const each of [old, fresh, foreign]) await writeFile(join(folder, each), '')
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
  await utimes(join(folder, old), ago(25), ago(25))
  await utimes(join(folder, fresh), ago(23), ago(23))
  await utimes(join(folder, foreign), ago(25), ago(25))
  await writeArchivedMonths(db, folder)
  const left = (await readdir(folder)).filter((each) => each.endsWith('.partial'))
  expect(left.toSorted()).toEqual([fresh, foreign])
})
