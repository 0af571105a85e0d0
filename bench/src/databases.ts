import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, type DatabaseHandle, generate, migrate } from '@extropy/db'
import pg from 'pg'
import { BadCallError } from './bench-case.ts'
import { recordData } from './results.ts'
import { onStop } from './stop.ts'

/** Runs `body`, and `remove` afterwards, also after Ctrl-C. */
async function removedAfterwards<Result>(remove: () => Promise<unknown>, body: () => Promise<Result>): Promise<Result> {
  const removed = onStop(remove)
  try {
    return await body()
  } finally {
    removed()
    await remove()
  }
}

/** A folder, removed afterwards. */
export async function withFolder<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-bench-'))
  return removedAfterwards(
    () => rm(folder, { recursive: true, force: true }),
    () => body(folder),
  )
}

/** Runs `body` with the URL of an empty database, or of a copy of another one, which is dropped afterwards. */
export async function withDatabase<Result>(
  serverUrl: string,
  label: string,
  body: (url: string) => Promise<Result>,
  copiedFrom?: string,
): Promise<Result> {
  // Ends as `dropDatabasesOf` expects, for runs that are stopped.
  const name = `extropy_bench_${label}_${process.pid}`
  const maintenance = urlOf(serverUrl, 'postgres')
  const drop = () => onServer(maintenance, `drop database if exists ${name} with (force)`)
  return removedAfterwards(drop, async () => {
    await drop()
    const source = copiedFrom && new URL(copiedFrom).pathname.slice(1)
    if (source) {
      // Nobody can copy a database that somebody is connected to; the servers of the parts before may just be ending.
      await onServer(maintenance, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${source}'`)
    }
    await onServer(maintenance, `create database ${name} ${source ? `template ${source} strategy file_copy` : ''}`)
    return body(urlOf(serverUrl, name))
  })
}

export interface GeneratedDatabase extends DatabaseHandle {
  readonly url: string
  readonly cards: number
}

interface GeneratedOptions {
  readonly keep: boolean
  /** Whether the database stays for the next suite of this run that needs one of this size. Default true. */
  readonly share?: boolean
}

/** Set while all suites run: a size that two of them ask for is then generated once. `dropDatabasesOf` ends it. */
const sharedRun = process.env.EXTROPY_BENCH_RUN

/** Runs `body` on a database of generated data on the server; made anew, or taken as a run with `--keep` left it. */
export async function withGenerated<Result>(
  serverUrl: string,
  cards: number,
  { keep, share = true }: GeneratedOptions,
  body: (database: GeneratedDatabase) => Promise<Result>,
): Promise<Result> {
  // A run that keeps nothing must not meet another one's.
  const name = `extropy_bench_${cards}${keep ? '' : `_${sharedRun ?? process.pid}`}`
  const url = urlOf(serverUrl, name)
  const stays = keep || (share && sharedRun !== undefined)
  let isFilled = false
  const drop = async () => {
    if (!stays || !isFilled) await onServer(serverUrl, `drop database if exists ${name} with (force)`)
  }
  return removedAfterwards(drop, async () => {
    const isThere = await onServer(serverUrl, `select 1 from pg_database where datname = '${name}'`)
    if (isThere.length === 0) {
      await onServer(serverUrl, `create database ${name}`)
      await fill(url, cards)
    }
    isFilled = true
    const [found] = await onServer(
      url,
      'select count(*)::int as cards, pg_size_pretty(pg_database_size(current_database())) as size from cards',
    )
    if (Number(found?.cards) < cards) {
      throw new BadCallError(
        `the database ${name} is too small: ${found?.cards} cards, not ${cards}; drop it, or run without --keep`,
      )
    }
    recordData(`${cards.toLocaleString('en')} cards, ${found?.size}`)
    process.stdout.write(`${cards.toLocaleString('en')} cards: ${found?.size}\n`)
    const handle = await createDatabase({ url })
    return body({ ...handle, url, cards }).finally(() => handle.close())
  })
}

async function fill(url: string, cards: number): Promise<void> {
  const empty = await createDatabase({ url })
  await migrate(empty)
  await generate(empty, { cards })
  await empty.close()
  // As those of a later release: for minutes after a start their analysis would run beside what is measured.
  await onServer(url, 'update contents set analyzed_at = null, analysis_version = 1000')
  await onServer(url, 'vacuum analyze')
}

/** Drops the databases that a process, or all suites of a run, have created. */
export async function dropDatabasesOf(serverUrl: string, run: string | number): Promise<void> {
  const names = await onServer(serverUrl, `select datname from pg_database where datname ~ '^extropy_bench_.*_${run}$'`)
  for (const { datname } of names) await onServer(serverUrl, `drop database if exists ${datname} with (force)`)
}

export async function onServer(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

function urlOf(serverUrl: string, name: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}
