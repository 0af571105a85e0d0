import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { HtmlLimitError } from '../text/html.ts'
import { lexicalToHtml, mobiledocToHtml } from './ghost-documents.ts'
import { type JsonObject, jsonObjects, textOf } from './json-records.ts'
import { authorOf, urn, webUrl } from './urn.ts'

/** `{ db: [{ data }] }` of an export, `{ data }` of older ones and of tools. */
const paths = (table: string) => [`db.*.data.${table}`, `data.${table}`]

/** Ghost's JSON: what is published; with names and tags from its tables, but nobody's address for mail, and no members. */
export async function* readGhost(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const tables = await readTables(part)
  for await (const read of jsonObjects(part.entry, paths('posts'))) {
    if ('type' in read) yield read
    else yield* readPost(read.value, tables, context)
  }
}

interface Tables {
  readonly tags: ReadonlyMap<string, readonly string[]>
  readonly authors: ReadonlyMap<string, readonly JsonObject[]>
  readonly users: ReadonlyMap<string, JsonObject>
}

async function* readPost(post: JsonObject, tables: Tables, context: ReadContext): AsyncGenerator<Found> {
  const id = textOf(post.id) ?? textOf(post.uuid)
  if (id === undefined) {
    yield problem('bad-record', 'a post has no id')
    return
  }
  if (post.status !== 'published') {
    // `sent` went to subscribers alone.
    yield skipped(post.status === 'sent' ? 'private' : 'draft', id)
    return
  }
  if (!context.isNew(`ghost:${id}`)) {
    yield skipped('duplicate', id)
    return
  }
  const title = textOf(post.title)?.trim() ?? ''
  const body = await bodyOf(post, context)
  if (body === undefined || (title === '' && body === '')) {
    yield problem('bad-record', `the text of ${JSON.stringify(title || (textOf(post.slug) ?? id))} cannot be read`, id)
    return
  }
  const slug = textOf(post.slug)
  const siteUrl = context.options.siteUrl
  const author = tables.authors.get(id)?.[0] ?? tables.users.get(textOf(post.author_id) ?? '')
  const name = author === undefined ? undefined : authorOf(author.slug ?? author.name, author.name)
  const isPage = post.type === 'page' || post.page === true || post.page === 1
  const publishedAt = parseDate(post.published_at)
  const subtitle = textOf(post.custom_excerpt)
  const audience = textOf(post.visibility)
  yield item({
    id,
    kind: isPage ? 'page' : 'post',
    platform: 'web',
    url: webUrl(post.canonical_url) ?? webUrl(slug && `/${slug}/`, siteUrl) ?? urn('ghost', id),
    title,
    body: siteUrl === undefined ? body : body.replaceAll('__GHOST_URL__', siteUrl.replace(/\/$/, '')),
    ...(slug && { slug }),
    ...(subtitle && { subtitle }),
    ...(name && { author: name }),
    ...(publishedAt && { publishedAt }),
    ...(audience && { audience }),
    tags: tables.tags.get(id) ?? [],
  })
}

/** Undefined where there is a document that cannot be read; empty where there is none. */
async function bodyOf(post: JsonObject, context: ReadContext): Promise<string | undefined> {
  try {
    const html = textOf(post.html)
    if (html !== undefined) return await context.toMarkdown(html)
    const lexical = textOf(post.lexical)
    if (lexical !== undefined) return await context.toMarkdown(lexicalToHtml(JSON.parse(lexical)))
    const mobiledoc = textOf(post.mobiledoc)
    if (mobiledoc !== undefined) return await context.toMarkdown(mobiledocToHtml(JSON.parse(mobiledoc)))
    return textOf(post.markdown) ?? textOf(post.plaintext) ?? ''
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof HtmlLimitError) return textOf(post.plaintext)
    throw error
  }
}

async function readTables(part: Part): Promise<Tables> {
  const tables = ['tags', 'users', 'posts_tags', 'posts_authors'] as const
  const rows: Record<string, JsonObject[]> = {}
  for await (const read of jsonObjects(part.entry, tables.flatMap(paths))) {
    if ('type' in read) continue
    const name = read.path.replace(/^.*\./, '')
    rows[name] ??= []
    rows[name].push(read.value)
  }
  const key = (value: unknown) => textOf(value) ?? ''
  const users = new Map((rows.users ?? []).map((user) => [key(user.id), user]))
  const tags = new Map(
    (rows.tags ?? [])
      .filter((tag) => tag.visibility !== 'internal' && !key(tag.name).startsWith('#'))
      .map((tag) => [key(tag.id), key(tag.name)]),
  )
  const join = <T>(links: readonly JsonObject[] = [], find: (link: JsonObject) => T | undefined) => {
    const joined = new Map<string, T[]>()
    for (const link of links.toSorted((one, other) => Number(one.sort_order ?? 0) - Number(other.sort_order ?? 0))) {
      const value = find(link)
      if (value === undefined) continue
      joined.set(key(link.post_id), [...(joined.get(key(link.post_id)) ?? []), value])
    }
    return joined
  }
  return {
    users,
    tags: join(rows.posts_tags, (link) => tags.get(key(link.tag_id))),
    authors: join(rows.posts_authors, (link) => users.get(key(link.author_id))),
  }
}
