import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { wholeText } from '../text/decode.ts'
import { HtmlLimitError } from '../text/html.ts'
import { type JsonObject, jsonObjects, listOf, objectOf, textOf } from './json-records.ts'
import { authorOf, webUrl } from './urn.ts'

const isPublic = (address: unknown) =>
  address === 'as:Public' || address === 'Public' || address === 'https://www.w3.org/ns/activitystreams#Public'

const addresses = (value: unknown) => (Array.isArray(value) ? value : [value])

/** outbox.json of a Mastodon archive: what was written for all to see. */
export async function* readMastodon(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const author = await actorOf(context)
  for await (const read of jsonObjects(part.entry, ['orderedItems'])) {
    if ('type' in read) yield read
    else yield await toFound(read.value, author, context)
  }
}

async function toFound(
  activity: JsonObject,
  author: ReturnType<typeof authorOf>,
  context: ReadContext,
): Promise<Found> {
  const note = objectOf(activity.object)
  const uri = textOf(note.id) ?? textOf(activity.id)
  if (activity.type === 'Announce') return skipped('repost', uri)
  if (activity.type !== 'Create') return skipped('other-kind', uri)
  if (uri === undefined) return problem('bad-record', 'a post has no id')
  const id = uri.replace(/\/activity$/, '').replace(/^.*\//, '')
  const isOpen = addresses(note.to ?? activity.to).some(isPublic)
  const isUnlisted = addresses(note.cc ?? activity.cc).some(isPublic)
  if (!isOpen && !isUnlisted) return skipped('private', id)
  if (!context.isNew(`mastodon:${uri}`)) return skipped('duplicate', id)
  const url = webUrl(note.url) ?? webUrl(note.id)
  if (url === undefined) return problem('no-url', 'a post has no address', id)
  const publishedAt = parseDate(note.published ?? activity.published)
  const replyTo = textOf(note.inReplyTo)
  const summary = textOf(note.summary)
  const [language] = Object.keys(objectOf(note.contentMap))
  let body: string
  try {
    body = await context.toMarkdown(textOf(note.content) ?? '')
  } catch (error) {
    if (!(error instanceof HtmlLimitError)) throw error
    return problem('too-large', `a post ${error.message}`, id)
  }
  const options = [...listOf(note.oneOf), ...listOf(note.anyOf)].flatMap(
    (option) => textOf(objectOf(option).name) ?? [],
  )
  return item({
    id,
    kind: replyTo === undefined ? 'post' : 'reply',
    platform: 'web',
    url,
    title: textOf(note.name) ?? '',
    body:
      [body, ...options.map((option) => `- ${option}`)].filter((text) => text !== '').join('\n\n') || (summary ?? ''),
    ...(summary && { summary }),
    ...(author && { author }),
    ...(publishedAt && { publishedAt }),
    ...(language && language !== 'und' && { language }),
    tags: listOf(note.tag)
      .map(objectOf)
      .flatMap((tag) => (tag.type === 'Hashtag' ? (textOf(tag.name)?.replace(/^#/, '') ?? []) : [])),
    ...(replyTo && { replyTo }),
    ...(replyTo !== undefined &&
      textOf(note.attributedTo) !== undefined &&
      replyTo.startsWith(`${note.attributedTo}/`) && { inThread: true }),
    audience: isOpen ? 'public' : 'unlisted',
  })
}

function actorOf(context: ReadContext): Promise<ReturnType<typeof authorOf>> {
  return context.once('mastodon:actor', async () => {
    for (const part of context.parts) {
      if (part.kind !== 'mastodon-actor') continue
      try {
        const actor = objectOf(JSON.parse(await wholeText(part.entry)))
        const host = URL.parse(textOf(actor.id) ?? '')?.host
        const name = textOf(actor.preferredUsername)
        // `lena@social.example` would be taken for an address for mail.
        return authorOf(name && host ? `@${name}@${host}` : name, actor.name)
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
      }
    }
    return undefined
  })
}
