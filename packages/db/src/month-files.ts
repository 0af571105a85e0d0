import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { makeArchiveFolder, syncFolder } from './archive-folder.ts'
import type { Database } from './database.ts'
import { ArchivedMonthError, archivedMonths, archiveSchema, attachMonth, type Month, monthNamed } from './partitions.ts'
import { isUnavailable, sqlState, sqlStates } from './pg-errors.ts'

/** Rows of a statement: some 200 KB of audit lines. */
const batchRows = 1_000
const suffix = '.jsonl.gz'
const partialSuffix = '.partial'
const leftoverMs = 24 * 60 * 60 * 1000

export interface WrittenMonth {
  readonly name: string
  readonly file: string
  readonly rows: number
  /** Whether the month left the database: the ledger's stay, for every later row builds on them. */
  readonly isDropped: boolean
}

/**
 * Writes each month of the schema `extropy_archive` into a file of the folder, `audit_log_2026_01.jsonl.gz`: a line about
 * the month, a line a row, a line with their number and sha-256. Each file is read back, and must have as many rows as its
 * month, before that is dropped. Months of the ledger are written, and stay. A file that is there is never written over: where it
 * holds just the month's rows, as after a crash between the two, the month is dropped. A month that is refused keeps none of
 * the others back.
 *
 * @throws ArchivedMonthError for a folder that takes no files, and, after the other months, for those that have changed while they
 * were written, those whose file holds something else, and those that the database refuses, as where somebody holds a lock: the
 * message names them all.
 */
export async function writeArchivedMonths(db: Kysely<Database>, folder: string): Promise<WrittenMonth[]> {
  await makeArchiveFolder(folder)
  await removeLeftovers(folder)
  const written: WrittenMonth[] = []
  const refused: ArchivedMonthError[] = []
  for (const month of await archivedMonths(db)) {
    try {
      written.push(...(await writeOrDrop(db, month, folder)))
    } catch (error) {
      const refusal = refusalOf(month, error)
      if (refusal === undefined) throw together([...refused, error as Error])
      refused.push(refusal)
    }
  }
  if (refused.length > 0) throw together(refused)
  return written
}

/** Undefined for what would meet the next month too, such as a full disk or a database that went away. */
function refusalOf({ name }: Month, error: unknown): ArchivedMonthError | undefined {
  if (error instanceof ArchivedMonthError) return error
  const { message, syscall } = error as NodeJS.ErrnoException
  const isOfAll = isUnavailable(error) || sqlState(error) === sqlStates.insufficientPrivilege
  if (syscall !== undefined || sqlState(error) === undefined || isOfAll) return undefined
  return new ArchivedMonthError(`${name} cannot be written: ${message}`, { cause: error })
}

/** One error that says what each of them says. */
function together(errors: readonly Error[]): Error {
  const [first, ...others] = errors
  if (first !== undefined && others.length === 0) return first
  return new ArchivedMonthError(errors.map(({ message }) => message).join('\n'), { cause: errors.at(-1) })
}

/** Empty for a month that stays, and has its file. */
async function writeOrDrop(db: Kysely<Database>, month: Month, folder: string): Promise<WrittenMonth[]> {
  const file = join(folder, `${month.name}${suffix}`)
  const isDropped = month.table !== 'extropy_ledger'
  if (await isThere(file)) return isDropped ? [await dropWritten(db, month, file)] : []
  // Of this run alone: another one may be writing the same month.
  const partial = `${file}.${randomUUID()}${partialSuffix}`
  try {
    const rows = await writePartial(db, month, partial)
    await db.transaction().execute(async (trx) => {
      await lockUnchanged(trx, month.name, { rows, isDropped })
      if (await isThere(file)) throw new ArchivedMonthError(`${file} has been written by another run meanwhile`)
      await rename(partial, file)
      // After a crash, the table must not be gone where its file has no name yet.
      await syncFolder(folder)
      if (isDropped) await sql`drop table ${sql.id(archiveSchema, month.name)}`.execute(trx)
    })
    return [{ name: month.name, file, rows, isDropped }]
  } catch (error) {
    // On a full disk it would take the place of what comes next.
    await rm(partial, { force: true })
    throw error
  }
}

/** Returns the number of rows that are read back from the disk. */
async function writePartial(db: Kysely<Database>, month: Month, partial: string): Promise<number> {
  const lines = linesOf(db, month)
  await pipeline(Readable.from(lines), createGzip(), createWriteStream(partial, { flags: 'wx', mode: 0o600 }))
  await using handle = await open(partial, 'r+')
  await handle.sync()
  return (await sumUp(partial)).rows
}

/** What killed runs have left of their months; whatever a run still writes is younger. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [month, end] = name.split(suffix)
    if (month === undefined || !end?.endsWith(partialSuffix) || monthNamed(month) === undefined) continue
    const file = join(folder, name)
    // Another run may have removed it meanwhile.
    const writtenAt = (await stat(file).catch(() => undefined))?.mtimeMs
    if (writtenAt !== undefined && Date.now() - writtenAt > leftoverMs) await rm(file, { force: true })
  }
}

async function dropWritten(db: Kysely<Database>, month: Month, file: string): Promise<WrittenMonth> {
  const { name } = month
  const summary = await sumUp(file)
  let last = ''
  for await (const line of linesOf(db, month)) last = line
  if (last !== summaryLine(summary)) {
    throw new ArchivedMonthError(
      `${file} holds other rows than ${name} in the schema ${archiveSchema}: move the file away, and run this again`,
    )
  }
  await db.transaction().execute(async (trx) => {
    await lockUnchanged(trx, name, { rows: summary.rows, isDropped: true })
    await syncFolder(dirname(file))
    await sql`drop table ${sql.id(archiveSchema, name)}`.execute(trx)
  })
  return { name, file, rows: summary.rows, isDropped: true }
}

/** Until the transaction ends, the month takes no rows; nor is it read, where it is to be dropped. */
async function lockUnchanged(
  trx: Kysely<Database>,
  name: string,
  { rows, isDropped }: Pick<WrittenMonth, 'rows' | 'isDropped'>,
): Promise<void> {
  const month = sql.id(archiveSchema, name)
  await sql`set local lock_timeout = '5s'`.execute(trx)
  await sql`set local statement_timeout = 0`.execute(trx)
  await sql`lock table ${month} in ${sql.raw(isDropped ? 'access exclusive' : 'share')} mode`.execute(trx)
  const { rows: counted } = await sql<{ count: string }>`select count(*) from ${month}`.execute(trx)
  const present = Number(counted[0]?.count)
  if (present === rows) return
  throw new ArchivedMonthError(
    `${name} has ${present} rows, and ${rows} were written: it has changed meanwhile. It stays in the schema ${archiveSchema}, without a file: run this again.`,
  )
}

/**
 * Brings a month back from its file into its table: all of it or nothing.
 *
 * @throws ArchivedMonthError for a file that is damaged or of another month, or where the month is there already.
 */
export async function attachMonthFile(db: Kysely<Database>, file: string): Promise<{ name: string; rows: number }> {
  const name = basename(file, suffix)
  return db.transaction().execute(async (trx) => {
    const { rows: present } = await sql<{ at: string }>`
      select oid::regclass::text as at from pg_class where relname = ${name} and relkind = 'r'`.execute(trx)
    if (present[0] !== undefined) throw new ArchivedMonthError(`${name} is there already, as ${present[0].at}`)
    await sql`set local statement_timeout = 0`.execute(trx)
    let month: Month | undefined
    let rows = 0
    for await (const batch of readMonthFile(file)) {
      if (month === undefined) {
        month = batch.month
        if (month.name !== name) throw new ArchivedMonthError(`${file} is the month ${month.name}`)
        await sql`
          create table ${sql.id(name)}
          (like ${sql.id(month.table)} including defaults including constraints including storage)`.execute(trx)
      }
      rows += batch.lines.length
      await sql`
        insert into ${sql.id(name)}
        select * from json_populate_recordset(null::${sql.id(name)}, ${`[${batch.lines.join(',')}]`}::json)`.execute(
        trx,
      )
    }
    if (month === undefined) throw damaged(file)
    await attachMonth(trx, month)
    return { name, rows }
  })
}

async function* linesOf(db: Kysely<Database>, month: Month): AsyncGenerator<string> {
  yield `${JSON.stringify(month)}\n`
  const hash = createHash('sha256')
  let count = 0
  for (let after: string | undefined = '00000000-0000-0000-0000-000000000000'; after !== undefined; ) {
    // The month takes no changes: its triggers came with it.
    const { rows }: { rows: { id: string; line: string }[] } = await sql<{ id: string; line: string }>`
      select id, row_to_json(month)::text as line from ${sql.id(archiveSchema, month.name)} as month
      where id > ${after}::uuid order by id limit ${batchRows}`.execute(db)
    for (const { line } of rows) {
      hash.update(line)
      yield `${line}\n`
    }
    count += rows.length
    after = rows.length < batchRows ? undefined : rows.at(-1)?.id
  }
  yield summaryLine({ rows: count, sha256: hash.digest('hex') })
}

interface Summary {
  readonly rows: number
  /** Of the rows' lines, without their ends. */
  readonly sha256: string
}

const summaryLine = ({ rows, sha256 }: Summary) => `${JSON.stringify({ rows, sha256 })}\n`

/** At least one batch, maybe without rows; the last comes only where the number and the hash agree. */
async function* readMonthFile(file: string): AsyncGenerator<{ month: Month; lines: string[] }> {
  const hash = createHash('sha256')
  let month: Month | undefined
  let lines: string[] = []
  let last: string | undefined
  let count = 0
  try {
    const source = createReadStream(file)
    const input = source.pipe(createGunzip())
    source.on('error', (error) => input.destroy(error))
    for await (const line of linesIn(input.setEncoding('utf8'))) {
      if (month === undefined) {
        month = parseMonth(line)
        continue
      }
      // One line behind: the last one is not a row.
      if (last !== undefined) {
        hash.update(last)
        lines.push(last)
        count++
      }
      last = line
      if (lines.length === batchRows) {
        yield { month, lines }
        lines = []
      }
    }
  } catch (error) {
    if (error instanceof ArchivedMonthError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ArchivedMonthError(`${file} is not there`)
    throw damaged(file)
  }
  if (month === undefined || `${last}\n` !== summaryLine({ rows: count, sha256: hash.digest('hex') }))
    throw damaged(file)
  yield { month, lines }
}

/** By line feeds alone: `node:readline` would part a row at U+2028, which JSON does not escape. */
async function* linesIn(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function parseMonth(line: string): Month {
  const { table, name, month } = JSON.parse(line) as Month
  const own = monthNamed(name)
  if (own?.table !== table || own.month !== month) {
    throw new ArchivedMonthError(`${name} is no month of a table of this release`)
  }
  return own
}

async function sumUp(file: string): Promise<Summary> {
  const hash = createHash('sha256')
  let rows = 0
  for await (const { lines } of readMonthFile(file)) {
    for (const line of lines) hash.update(line)
    rows += lines.length
  }
  return { rows, sha256: hash.digest('hex') }
}

const damaged = (file: string) => new ArchivedMonthError(`${file} is damaged, or no file of a month`)

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
