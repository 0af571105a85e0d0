import { createDatabase, type DatabaseHandle, generate, migrate } from '@extropy/db'
import pg from 'pg'
import { BadCallError } from '../bench-case.ts'
import { recordData } from '../results.ts'
import { onStop } from '../stop.ts'

export interface GeneratedDatabase extends DatabaseHandle {
  readonly url: string
  readonly cards: number
  /** Drops the database, unless it is kept for the next run. */
  remove(): Promise<void>
}

/** A database of generated data on the server; made anew, or taken as a run with `--keep` left it. */
export async function openGenerated(serverUrl: string, cards: number, keep: boolean): Promise<GeneratedDatabase> {
  // A run that keeps nothing must not meet another one's.
  const name = `extropy_bench_${cards}${keep ? '' : `_${process.pid}`}`
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const isThere = await onServer(serverUrl, `select 1 from pg_database where datname = '${name}'`)
  const drop = () => onServer(serverUrl, `drop database if exists ${name} with (force)`)
  let isFilled = false
  const dropped = onStop(async () => {
    if (!keep || !isFilled) await drop()
  })
  if (!keep || isThere.length === 0) {
    await drop()
    await onServer(serverUrl, `create database ${name}`)
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
    process.stdout.write(
      `generated ${cards.toLocaleString('en')} cards: ${total.toLocaleString('en')} rows at ${Math.round((total / loadedMs) * 1000).toLocaleString('en')}/s, ${seconds} s with indexes\n`,
    )
    await onServer(url, 'vacuum analyze')
  }
  isFilled = true
  const [found] = await onServer(url, 'select count(*)::int as cards from cards')
  if (Number(found?.cards) < cards) {
    throw new BadCallError(`the database ${name} is too small: ${found?.cards} cards, not ${cards}; run without --keep`)
  }
  const [size] = await onServer(url, 'select pg_size_pretty(pg_database_size(current_database())) as size')
  recordData(`${cards.toLocaleString('en')} cards, ${size?.size}`)
  process.stdout.write(`${cards.toLocaleString('en')} cards: ${size?.size}\n`)
  const handle = await createDatabase({ url })
  return {
    ...handle,
    url,
    cards,
    async remove() {
      await handle.close()
      if (!keep) await drop()
      dropped()
    },
  }
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
