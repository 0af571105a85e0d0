import { createDatabase, type DatabaseHandle, generate, migrate } from '@extropy/db'
import pg from 'pg'
import { BadCallError } from '../bench-case.ts'
import { recordData } from '../results.ts'
import { onStop } from '../stop.ts'

export interface GeneratedDatabase extends DatabaseHandle {
  readonly url: string
  readonly cards: number
  /** Drops the database, unless it is kept for the next run, or for the next suite of this one. */
  remove(): Promise<void>
}

/** Set while all suites run: a size that two of them ask for is then generated once. `dropDatabasesOf` ends it. */
const sharedRun = process.env.EXTROPY_BENCH_RUN

/**
 * A database of generated data on the server; made anew, or taken as a run with `--keep` left it. `share`: the next suite of
 * this run wants one of the same size. Default true; others are in its way.
 */
export async function openGenerated(
  serverUrl: string,
  cards: number,
  keep: boolean,
  share = true,
): Promise<GeneratedDatabase> {
  const { url, remove } = await makeGenerated(serverUrl, cards, keep, share)
  const handle = await createDatabase({ url })
  return {
    ...handle,
    url,
    cards,
    async remove() {
      await handle.close()
      await remove()
    },
  }
}

/** The same without a connection to it, so that it may be copied. */
export async function makeGenerated(
  serverUrl: string,
  cards: number,
  keep: boolean,
  share = true,
): Promise<Pick<GeneratedDatabase, 'url' | 'remove'> & { readonly name: string }> {
  // A run that keeps nothing must not meet another one's.
  const name = `extropy_bench_${cards}${keep ? '' : `_${sharedRun ?? process.pid}`}`
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const drop = () => onServer(serverUrl, `drop database if exists ${name} with (force)`)
  const stays = keep || (share && sharedRun !== undefined)
  let isFilled = false
  const dropped = onStop(async () => {
    if (!stays || !isFilled) await drop()
  })
  const isThere = await onServer(serverUrl, `select 1 from pg_database where datname = '${name}'`)
  if (isThere.length === 0) {
    await onServer(serverUrl, `create database ${name}`)
    await fill(url, cards)
  }
  isFilled = true
  const [found] = await onServer(url, 'select count(*)::int as cards from cards')
  if (Number(found?.cards) < cards) {
    throw new BadCallError(
      `the database ${name} is too small: ${found?.cards} cards, not ${cards}; drop it, or run without --keep`,
    )
  }
  const [size] = await onServer(url, 'select pg_size_pretty(pg_database_size(current_database())) as size')
  recordData(`${cards.toLocaleString('en')} cards, ${size?.size}`)
  process.stdout.write(`${cards.toLocaleString('en')} cards: ${size?.size}\n`)
  return {
    name,
    url,
    async remove() {
      if (!stays) await drop()
      dropped()
    },
  }
}

async function fill(url: string, cards: number): Promise<void> {
  const startedAt = performance.now()
  let loadedMs = 0
  const empty = await createDatabase({ url })
  await migrate(empty)
  const rows = await generate(empty, {
    cards,
    onProgress: () => {
      loadedMs = performance.now() - startedAt
    },
  })
  await empty.close()
  const total = Object.values(rows).reduce((sum, count) => sum + count)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const rate = Math.round((total / loadedMs) * 1000).toLocaleString('en')
  process.stdout.write(
    `generated ${cards.toLocaleString('en')} cards: ${total.toLocaleString('en')} rows at ${rate}/s, ${seconds} s with indexes\n`,
  )
  await onServer(url, 'vacuum analyze')
}

/** Drops what a process, or the suites of a run together, have made. */
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
