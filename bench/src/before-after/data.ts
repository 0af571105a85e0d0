import { issueKey } from '@extropy/api'
import { openDeps, parseConfig } from '@extropy/server/deps'
import { BadCallError } from '../bench-case.ts'
import { makeGenerated, onServer } from '../db/generated-database.ts'
import { recordData } from '../results.ts'
import { fillPassages } from '../retrieval/many-passages.ts'
import { onStop } from '../stop.ts'

export interface Sizes {
  readonly cards: number
  readonly attributions: number
  readonly ledger: number
  readonly passages: number
}

export interface BeforeAfterData {
  readonly withIndexes: string
  readonly withoutIndexes: string
  /** Of the card with the most attributions. */
  readonly cardId: string
  /** Of the account with the most movements, and a key that may read it as often as it likes. */
  readonly userId: string
  readonly key: string
  readonly prompts: readonly string[]
  remove(): Promise<void>
}

const counts = `
  select (select count(*) from cards)::int as cards, (select count(*) from attributions)::int as attributions,
         (select count(*) from extropy_ledger)::int as ledger, (select count(*) from content_chunks)::int as passages,
         pg_size_pretty(pg_database_size(current_database())) as size`

/**
 * Two copies of the same data, one without secondary indexes: of generated rows, brought up to `sizes`, or of the database
 * that `given` names, which is only read.
 *
 * @throws BadCallError where the given one is too small
 */
export async function openBeforeAfter(
  serverUrl: string,
  sizes: Sizes,
  given: string | undefined,
): Promise<BeforeAfterData> {
  const names = ['with', 'without'].map((kind) => `extropy_bench_${kind}_${process.pid}`)
  const [withIndexes = '', withoutIndexes = ''] = names.map((name) => databaseUrl(serverUrl, name))
  const [first = '', second = ''] = names
  const remove = async () => {
    for (const name of names) await onServer(serverUrl, `drop database if exists ${name} with (force)`)
  }
  const removed = onStop(remove)
  try {
    if (given === undefined) {
      const generated = await makeGenerated(serverUrl, sizes.cards, false)
      await copy(serverUrl, generated.name, first)
      await generated.remove()
    } else {
      await assertLargeEnough(given, sizes)
      await copy(serverUrl, new URL(given).pathname.slice(1), first)
    }
    const addRows = async () => {
      if (given !== undefined) return
      await addAttributions(withIndexes, sizes.attributions)
      await addMovements(withIndexes, sizes.ledger)
    }
    const asked = await fillAndAsk(withIndexes, sizes.passages, addRows)
    await onServer(withIndexes, 'vacuum analyze')
    await copy(serverUrl, first, second)
    await dropSecondaryIndexes(withoutIndexes)
    const [size] = await onServer(withIndexes, counts)
    recordData(
      Object.entries(size ?? {})
        .map(([what, count]) => `${Number.isInteger(count) ? Number(count).toLocaleString('en') : count} ${what}`)
        .join(', '),
    )
    return {
      withIndexes,
      withoutIndexes,
      ...asked,
      remove: async () => {
        removed()
        await remove()
      },
    }
  } catch (error) {
    removed()
    await remove()
    throw error
  }
}

async function assertLargeEnough(url: string, sizes: Sizes): Promise<void> {
  const [size = {}] = await onServer(url, counts).catch((error: Error) => {
    throw new BadCallError(`the database that --database names can't be read: ${error.message}`)
  })
  for (const what of ['cards', 'attributions', 'ledger'] as const) {
    if (Number(size[what]) < sizes[what]) {
      throw new BadCallError(
        `the database that --database names is too small: ${what} has ${size[what]} rows, not ${sizes[what]}`,
      )
    }
  }
}

async function copy(serverUrl: string, from: string, to: string): Promise<void> {
  await onServer(serverUrl, `drop database if exists ${to} with (force)`)
  try {
    await onServer(serverUrl, `create database ${to} template ${from} strategy file_copy`)
  } catch (error) {
    if ((error as { code?: string }).code !== '55006') throw error
    throw new BadCallError(`${from} can't be copied while somebody is connected to it`)
  }
}

/** Pairs of published cards, few of them cited by many, until there are enough. */
async function addAttributions(url: string, wanted: number): Promise<void> {
  for (;;) {
    const [found] = await onServer(url, 'select count(*)::int as count from attributions')
    const missing = wanted - Number(found?.count)
    if (missing <= 0) return
    await onServer(
      url,
      `with published as materialized (
         select row_number() over (order by id) as n, count(*) over () as total, id, user_id from cards where is_published
       ),
       pair as materialized (
         select 1 + floor(total * random() ^ 4)::bigint as source, 1 + floor(total * random())::bigint as target
         from (select total from published limit 1) as one, generate_series(1, ${Math.ceil(missing * 1.2)})
       )
       insert into attributions (source_card_id, source_user_id, target_card_id, target_user_id, type, context,
                                 tokens_transferred, created_at)
       select source.id, source.user_id, target.id, target.user_id, 'citation', 'as said before', 0.1,
              '2026-11-01'::timestamptz - random() * interval '700 days'
       from pair join published source on source.n = pair.source join published target on target.n = pair.target
       where source.user_id <> target.user_id
       on conflict do nothing`,
    )
  }
}

/** Rows to be read past, skewed like the generated ones; their chain is none, and no verification would pass it. */
async function addMovements(url: string, wanted: number): Promise<void> {
  await onServer(
    url,
    `with account as materialized (
       select row_number() over (order by id) as n, count(*) over () as total, id from users
     ),
     movement as materialized (
       select i, 1 + floor(total * random() ^ 2)::bigint as n
       from (select total from account limit 1) as one,
            generate_series(1, ${wanted} - (select count(*)::int from extropy_ledger)) as i
     )
     insert into extropy_ledger (to_user_id, amount, transaction_type, to_balance_after, to_sequence,
                                 to_previous_hash, hash, created_at)
     select account.id, 1, 'earn', 1, 1000000 + i, sha256(i::text::bytea), sha256(i::text::bytea),
            '2026-10-30'::timestamptz - random() * interval '600 days'
     from movement join account using (n)`,
  )
}

/** The rest of the passages have a vector of the server's own embedder: both legs of a search are to have work. */
async function fillAndAsk(DATABASE_URL: string, passages: number, addRows: () => Promise<void>) {
  const deps = await openDeps(parseConfig({ DATABASE_URL, MODEL_CACHE_DIR: 'node_modules/.cache/extropy-models' }))
  try {
    // Side by side: the passages keep one session busy for minutes.
    const [{ prompts }] = await Promise.all([fillPassages(deps, passages), addRows()])
    const { key } = await issueKey(deps.db, { username: 'bench', scope: 'admin', rateLimitPerHour: 2_000_000_000 })
    const [busiest] = await onServer(
      DATABASE_URL,
      `select (select source_card_id from attributions group by 1 order by count(*) desc limit 1) as card,
              (select to_user_id from extropy_ledger group by 1 order by count(*) desc limit 1) as account`,
    )
    return { prompts, key, cardId: String(busiest?.card), userId: String(busiest?.account) }
  } finally {
    await deps.close()
  }
}

/** All but those that keep rows unique. Partitions lose theirs with their table's. */
async function dropSecondaryIndexes(url: string): Promise<void> {
  const indexes = await onServer(
    url,
    `select x.indexrelid::regclass::text as name
     from pg_index x join pg_class i on i.oid = x.indexrelid
     where i.relnamespace = current_schema()::regnamespace and not x.indisunique
       and not exists (select from pg_inherits where inhrelid = x.indexrelid)`,
  )
  await onServer(url, `drop index ${indexes.map(({ name }) => name).join(', ')}`)
  await onServer(url, 'analyze')
}

function databaseUrl(serverUrl: string, name: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}
