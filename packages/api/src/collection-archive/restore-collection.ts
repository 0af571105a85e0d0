import { randomBytes } from 'node:crypto'
import { type Database, isRefusedData, rawRead, rawWrite, sqlState, toSnakeCase } from '@extropy/db'
import { type RawBuilder, sql, type Transaction } from 'kysely'
import { cardWordsOf } from '../cards/card-words.ts'
import { insertPassages } from '../ingest/insert-passages.ts'
import { searchText } from '../language/search-text.ts'
import { spreadMs } from '../sources/opml.ts'
import { type ArchiveRow, columnOf } from './archive.schema.ts'
import { type ArchivePart, archiveParts } from './archive-parts.ts'
import { type CheckedRow, CollectionError, readCollection } from './read-collection.ts'

interface RestoreOptions {
  /** Sources go on being looked at; without it each waits until somebody says so. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

export interface Restored {
  readonly contents: number
  readonly sources: number
  readonly rows: number
}

const rowsAtOnce = 200
const charactersAtOnce = 4_000_000

/** Whether this collection has nothing that an archive could bring. Accounts may be there: somebody has to have a key. */
async function assertEmpty(trx: Transaction<Database>): Promise<void> {
  const { rows } = await rawRead<{ part: string }>(
    [],
    sql.join(
      (['contents', 'authors', 'patterns', 'sources', 'cards', 'subscriptions', 'researchSessions'] as const).map(
        (table) => sql`(select ${sql.lit(table)} as part from ${sql.table(table)} limit 1)`,
      ),
      sql` union all `,
    ) as RawBuilder<{ part: string }>,
  ).execute(trx)
  if (rows.length === 0) return
  const found = rows.map(({ part }) => part).join(', ')
  throw new CollectionError(`must go into an empty server: this one has ${found} already`)
}

/**
 * Puts an archive into an empty collection, with the ids that it had: all of it, or nothing. Accounts come without tokens, keys and
 * others' e-mail addresses; vectors are made anew. @throws CollectionError
 */
export async function restoreCollection(
  trx: Transaction<Database>,
  path: string,
  { follow, signal }: RestoreOptions,
): Promise<Restored> {
  await assertEmpty(trx)
  const counts: Record<string, number> = {}
  let batch: CheckedRow[] = []
  let length = 0
  const flush = async () => {
    const [first, last] = [batch[0], batch.at(-1)]
    if (first === undefined || last === undefined) return
    const part = archiveParts.find(({ name }) => name === first.part) as ArchivePart
    const rows = batch.map(({ row }) => row)
    await insert(trx, part, rows, follow).catch((error) => {
      throw explain(error, `lines ${first.line} to ${last.line}`)
    })
    counts[part.name] = (counts[part.name] ?? 0) + rows.length
    batch = []
    length = 0
  }
  for await (const row of readCollection(path, signal)) {
    if (batch.length > 0 && batch[0]?.part !== row.part) await flush()
    batch.push(row)
    length += typeof row.row.body === 'string' ? row.row.body.length : 0
    if (batch.length >= rowsAtOnce || length >= charactersAtOnce) await flush()
  }
  await flush()
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { contents: counts.contents ?? 0, sources: counts.sources ?? 0, rows }
}

type Row = ArchiveRow['row']

async function insert(trx: Transaction<Database>, part: ArchivePart, rows: Row[], follow: boolean): Promise<void> {
  if (part.name === 'contentChunks') return restorePassages(trx, rows)
  if (part.name === 'cardParents') {
    const update = sql`update cards set parent_card_id = r.parent_card_id from ${recordset(part, rows)} where cards.id = r.id`
    await rawWrite(['cards'], update).execute(trx)
    return
  }
  const { values, more } = additions(part, rows, follow)
  const own = part.columns.filter((name) => more[name] === undefined)
  const columns = [...own, ...Object.keys(more)].map((name) => sql.ref(name))
  const selected = [...own.map((name) => sql.ref(`r.${name}`)), ...Object.values(more)]
  await rawWrite(
    [part.table],
    sql`insert into ${sql.table(part.table)} (${sql.join(columns)}) select ${sql.join(selected)}
      from ${recordset(part, values)}`,
  ).execute(trx)
}

/** Columns that an archive does not have, or not as a new server needs them. */
function additions(
  { name }: ArchivePart,
  rows: Row[],
  follow: boolean,
): { readonly values: Row[]; readonly more: Readonly<Record<string, RawBuilder<unknown>>> } {
  if (name === 'users') {
    return { values: rows, more: { email: sql`coalesce(r.email, r.id || '@users.invalid')` } }
  }
  if (name === 'cards') {
    const values = rows.map((row) => ({
      ...row,
      titleWords: searchText(String(row.title)),
      bodyWords: searchText(String(row.body)),
    }))
    return { values, more: { searchVector: cardWordsOf(sql.ref('r.titleWords'), sql.ref('r.bodyWords')) } }
  }
  if (name === 'sources') {
    const nextAt = follow
      ? sql`case when r.status in ('active', 'failing') then now() + random() * ${spreadMs * rows.length} * interval '1 ms' end`
      : sql`null::timestamptz`
    return {
      values: rows,
      more: {
        nextAt,
        nextReason: sql`${follow ? 'it has just been imported' : 'it was imported: refresh it to go on'}`,
      },
    }
  }
  if (name === 'subscriptions') {
    const values = rows.map((row) => ({ ...row, feedToken: randomBytes(24).toString('base64url') }))
    return { values, more: { feedToken: sql.ref('r.feedToken'), tags: sql`'{*}'::text[]`, touched: sql`1` } }
  }
  return { values: rows, more: {} }
}

const extraTypes: Readonly<Record<string, string>> = { titleWords: 'text', bodyWords: 'text', feedToken: 'text' }

/** Rows as PostgreSQL reads them from JSON, under the columns' own names and types. */
function recordset(part: ArchivePart, rows: readonly Row[]): RawBuilder<unknown> {
  const json = JSON.stringify(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [toSnakeCase(name), value]))),
  )
  const names = [...part.columns, ...Object.keys(rows[0] ?? {}).filter((name) => name in extraTypes)]
  const columns = names.map(
    (name) => sql`${sql.ref(name)} ${sql.raw(extraTypes[name] ?? columnOf(part, name).sqlType)}`,
  )
  return sql`jsonb_to_recordset(${json}::jsonb) as r (${sql.join(columns)})`
}

/** Their words are read anew, by the rules of this release. */
async function restorePassages(trx: Transaction<Database>, rows: Row[]): Promise<void> {
  const ids = [...new Set(rows.map(({ contentId }) => String(contentId)))]
  const contents = await trx
    .selectFrom('contents')
    .select(['id', 'title', 'language', 'platform', 'publishedAt', 'tags'])
    .where('id', 'in', ids)
    .execute()
  const authors = await trx
    .selectFrom('contentAuthors')
    .select(['contentId', 'authorId'])
    .where('contentId', 'in', ids)
    .orderBy('position')
    .execute()
  if (contents.length < ids.length) throw new CollectionError('has passages without their content')
  await insertPassages(
    trx,
    contents.map(({ id, ...content }) => ({
      ...content,
      contentId: id,
      authorIds: authors.filter(({ contentId }) => contentId === id).map(({ authorId }) => authorId),
      passages: rows
        .filter(({ contentId }) => contentId === id)
        .map(({ ordinal, text }) => ({ ordinal: Number(ordinal), text: String(text) })),
    })),
  )
}

function explain(error: unknown, place: string): unknown {
  const { detail, message } = error as { detail?: string; message: string }
  const isBroken = isRefusedData(error) || /^23/.test(sqlState(error) ?? '')
  if (!isBroken) return error
  return new CollectionError(`cannot go in here, ${place}: ${detail ?? message}`, { cause: error })
}
