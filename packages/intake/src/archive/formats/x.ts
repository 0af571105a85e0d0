import { type ArchiveItem, type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { isObject, type JsonObject, jsonObjects, listOf, objectOf, textOf } from './json-records.ts'
import { authorOf, urn } from './urn.ts'

/** The scripts that hold the owner's public posts. All others are never read: messages, circles, likes, addresses. */
const postScripts = new Set(['tweet', 'tweets', 'community_tweet'])

const scriptOf = (part: Part) => (part.kind === 'x' ? part.name : '')

/** A file of an X or Twitter archive, of any year's layout. */
export async function* readX(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const script = scriptOf(part)
  if (script === 'note_tweet') yield* readNotes(context)
  if (script.startsWith('deleted_')) yield skipped('deleted')
  else if (/direct_message|circle|contact|personalization|ip_audit|email|phone/.test(script)) yield skipped('private')
  else if (!postScripts.has(script) && script !== 'note_tweet') yield skipped('not-content')
  if (!postScripts.has(script)) return
  const account = await accountOf(context)
  const notes = await notesOf(context)
  if (account.username === undefined && context.isNew('x:no-account')) {
    yield problem('missing-file', 'no account.js that can be read: whose posts these are, only their ids tell')
  }
  for await (const read of jsonObjects(part.entry, [''])) {
    if ('type' in read) yield read
    else yield toFound(objectOf(read.value.tweet ?? read.value), { account, notes, context })
  }
}

interface Account {
  readonly username?: string
  readonly displayName?: string
}

function toFound(
  tweet: JsonObject,
  { account, notes, context }: { account: Account; notes: Notes; context: ReadContext },
): Found {
  const id = textOf(tweet.id_str) ?? textOf(tweet.id)
  const written = textOf(tweet.full_text) ?? textOf(tweet.text)
  if (id === undefined || written === undefined) return problem('bad-record', 'a post without an id or a text', id)
  if (/^RT @\w/.test(written) || isObject(tweet.retweeted_status)) return skipped('repost', id)
  if (isOlderVersion(tweet, id)) return skipped('older-version', id)
  if (!context.isNew(`x:${id}`)) return skipped('duplicate', id)

  const publishedAt = parseDate(tweet.created_at)
  const note = notes.find(written, publishedAt)
  const replyTo = textOf(tweet.in_reply_to_status_id_str) ?? textOf(tweet.in_reply_to_status_id)
  const toUser = textOf(tweet.in_reply_to_screen_name)
  const isReply = replyTo !== undefined || toUser !== undefined
  const user = objectOf(tweet.user)
  const author = authorOf(account.username ?? user.screen_name, account.displayName ?? user.name)
  const entities = objectOf(tweet.entities)
  const language = textOf(tweet.lang)
  return item({
    id,
    kind: isReply ? 'reply' : 'post',
    platform: 'twitter',
    url: `https://x.com/${author?.username ?? 'i'}/status/${id}`,
    title: '',
    body: note ?? withLinks(written, [...listOf(entities.urls), ...listOf(entities.media)]),
    ...(author && { author }),
    ...(publishedAt && { publishedAt }),
    ...(language && !/^(und|q\w\w|zxx)$/.test(language) && { language }),
    tags: listOf(entities.hashtags).flatMap((tag) => textOf(objectOf(tag).text) ?? []),
    metrics: metricsOf(tweet),
    ...(replyTo && { replyTo }),
    ...(isReply && toUser?.toLowerCase() === author?.username.toLowerCase() && { inThread: true }),
  })
}

function metricsOf(tweet: JsonObject): Record<string, number> {
  const counts = { likes: tweet.favorite_count, reposts: tweet.retweet_count }
  return Object.fromEntries(
    Object.entries(counts)
      .map(([name, value]) => [name, Number(value ?? Number.NaN)] as const)
      .filter(([, value]) => Number.isSafeInteger(value)),
  )
}

/** An edited post stands in the archive once for each version; the last of them counts. */
function isOlderVersion(tweet: JsonObject, id: string): boolean {
  const edits = objectOf(tweet.edit_info)
  const control = objectOf(edits.initial ?? objectOf(edits.edit).editControlInitial)
  const versions = listOf(control.editTweetIds)
  return versions.includes(id) && versions.at(-1) !== id
}

/** The text as people read it: entities decoded first, since an address may hold what looks like one; then the short links. */
function withLinks(written: string, links: readonly unknown[]): string {
  let text = decode(written)
  for (const link of links.map(objectOf)) {
    const short = textOf(link.url) ?? textOf(link.shortUrl)
    if (short === undefined) continue
    // A picture's link only leads back to the post.
    const isMedia = link.media_url !== undefined || link.media_url_https !== undefined
    const target = isMedia ? '' : (textOf(link.expanded_url) ?? textOf(link.expandedUrl) ?? short)
    text = text.replaceAll(short, () => target)
  }
  return text.trim()
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

const decode = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? '')

function accountOf(context: ReadContext): Promise<Account> {
  return context.once('x:account', async () => {
    for (const part of context.parts) {
      if (scriptOf(part) !== 'account') continue
      for await (const read of jsonObjects(part.entry, [''])) {
        if ('type' in read) continue
        const account = objectOf(read.value.account)
        const [username, displayName] = [textOf(account.username), textOf(account.accountDisplayName)]
        return { ...(username && { username }), ...(displayName && { displayName }) }
      }
    }
    return {}
  })
}

interface Note {
  readonly id: string
  readonly beginning: string
  readonly text: string
  readonly publishedAt: Date | undefined
}

interface Notes {
  /** Those whose post was not there. */
  unused(): readonly Note[]
  /** The whole text of a post that stands cut in its own record. */
  find(cut: string, publishedAt: Date | undefined): string | undefined
}

/** A cut text names no note: the two belong together by their beginning, and by the second in which they were written. */
const sameMomentMs = 10_000
const beginning = (text: string) => decode(text).replace(/\s+/g, ' ').slice(0, 80)

function notesOf(context: ReadContext): Promise<Notes> {
  return context.once('x:notes', async () => {
    const all: Note[] = []
    for (const part of context.parts) {
      if (scriptOf(part) !== 'note_tweet') continue
      for await (const read of jsonObjects(part.entry, [''])) {
        if ('type' in read) continue
        const note = objectOf(read.value.noteTweet)
        const core = objectOf(note.core)
        const [id, text] = [textOf(note.noteTweetId), textOf(core.text)]
        if (id === undefined || text === undefined) continue
        all.push({
          id,
          beginning: beginning(text),
          text: withLinks(text, listOf(core.urls)),
          publishedAt: parseDate(note.createdAt),
        })
      }
    }
    const byBeginning = Map.groupBy(all, (note) => note.beginning)
    const used = new Set<Note>()
    return {
      unused: () => all.filter((note) => !used.has(note)),
      find(cut, publishedAt) {
        const candidates = byBeginning.get(beginning(cut)) ?? []
        const note = candidates.find(
          (each) =>
            each.publishedAt === undefined ||
            publishedAt === undefined ||
            Math.abs(each.publishedAt.getTime() - publishedAt.getTime()) <= sameMomentMs,
        )
        if (note !== undefined) used.add(note)
        return note?.text
      },
    }
  })
}

/** Read behind all posts: those that no post has given its whole text. */
async function* readNotes(context: ReadContext): AsyncGenerator<Found> {
  const account = await accountOf(context)
  const author = authorOf(account.username, account.displayName)
  for (const { id, text, publishedAt } of (await notesOf(context)).unused()) {
    if (!context.isNew(`x:note:${id}`)) continue
    yield item({
      id,
      kind: 'post',
      platform: 'twitter',
      url: urn('x-note', id),
      title: '',
      body: text,
      ...(author && { author }),
      ...(publishedAt && { publishedAt }),
    } satisfies ArchiveItem)
  }
}
