import { type Kysely, sql } from 'kysely'

const batchSize = 5000

/**
 * A content is told by the normal form of its URL from now on. Those stored under another spelling get it; of several
 * that turn out to be one content the last one taken in stays, as if they had come under one URL. Nearly all are in
 * that form already, and are only read.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await sql<{ id: string; url: string }>`
      select id, source_url as url from contents where id > ${after}::uuid order by id limit ${batchSize}`.execute(db)
    for (const { id, url } of rows) {
      const normal = normalise(url)
      if (normal !== url) await rename(db, id, normal)
    }
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

export async function down(): Promise<void> {}

async function rename(db: Kysely<unknown>, id: string, url: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from contents where id = ${id}::uuid or source_url = ${url} order by scraped_at desc, id desc`.execute(db)
  const [kept, older] = rows
  if (kept === undefined) return
  if (older !== undefined) await merge(db, older.id, kept.id)
  await sql`update contents set source_url = ${url} where id = ${kept.id}::uuid`.execute(db)
}

async function merge(db: Kysely<unknown>, from: string, into: string): Promise<void> {
  await sql`update cards set content_id = ${into}::uuid where content_id = ${from}::uuid`.execute(db)
  await sql`
    insert into pattern_contents (pattern_id, content_id)
    select pattern_id, ${into}::uuid from pattern_contents where content_id = ${from}::uuid
    on conflict do nothing`.execute(db)
  await sql`
    update authors set content_count = content_count - 1
    where id in (select author_id from content_authors where content_id = ${from}::uuid)`.execute(db)
  await sql`delete from contents where id = ${from}::uuid`.execute(db)
}

/** As packages/api has it at the time of this migration. */
function normalise(text: string): string {
  const url = URL.parse(text.trim())
  if (url === null) return text
  url.hash = url.hash.replace(/^#(:~:.*)?$|:~:.*/s, '')
  return url.href.replace(/%([\da-f]{2})?/gi, (encoded, hex?: string) => {
    if (hex === undefined) return '%25'
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w.~-]/.test(character) ? character : encoded.toUpperCase()
  })
}
