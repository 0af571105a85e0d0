import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { csvRows } from '../text/csv.ts'
import { parseDate } from '../text/dates.ts'
import { TooLargeError, wholeText } from '../text/decode.ts'
import { HtmlLimitError, htmlToText } from '../text/html.ts'
import { findOwn } from './find-own.ts'
import { authorOf, urn, webUrl } from './urn.ts'

const kinds: Readonly<Record<string, string>> = { podcast: 'podcast', thread: 'thread', page: 'page', video: 'video' }

/** posts.csv of a Substack export, each row with its file in posts/. Lists of subscribers are never read. */
export async function* readSubstack(part: Part, context: ReadContext): AsyncGenerator<Found> {
  for await (const row of csvRows(part.entry)) {
    if ('type' in row) yield row
    else yield* readOne(row.values, part, context)
  }
}

/** A post that is over a limit leaves the others alone. */
async function* readOne(...[values, part, context]: Parameters<typeof readRow>): AsyncGenerator<Found> {
  try {
    yield* readRow(values, part, context)
  } catch (error) {
    if (!(error instanceof HtmlLimitError || error instanceof TooLargeError)) throw error
    yield problem('too-large', `posts/${values.post_id}.html ${error.message}`, values.post_id?.split('.')[0])
  }
}

async function* readRow(
  values: Readonly<Record<string, string>>,
  part: Part,
  context: ReadContext,
): AsyncGenerator<Found> {
  const { post_id: postId = '', post_date: date, is_published: published = '', type = '', audience = '' } = values
  const [id = '', ...names] = postId.split('.')
  const slug = names.join('.')
  if (id === '') {
    yield problem('bad-record', 'a row has no post_id')
    return
  }
  if (!/^(true|1|yes)$/i.test(published.trim())) {
    yield skipped('draft', id)
    return
  }
  if (type === 'restack') {
    yield skipped('repost', id)
    return
  }
  if (!context.isNew(`substack:${id}`)) {
    yield skipped('duplicate', id)
    return
  }
  const file = findOwn(part, context, [`posts/${postId}.html`, `${postId}.html`])
  if (file === undefined) {
    yield problem('missing-file', `posts/${postId}.html is not in the archive`, id)
    return
  }
  const whole = await wholeText(file)
  if (/<\w/.test(whole) && !/>\s*$/.test(whole)) {
    yield problem('cut', `posts/${postId}.html breaks off, and is left out`, id)
    return
  }
  const html = withoutFurniture(whole)
  const title = htmlToText(values.title ?? '')
  const subtitle = htmlToText(values.subtitle ?? '')
  const link = webUrl(values.podcast_url)
  const body = await context.toMarkdown(html)
  if (title === '' && body === '') {
    yield problem('empty', `posts/${postId}.html has no text`, id)
    return
  }
  const publishedAt = parseDate(date)
  const author = authorOf(context.options.author)
  yield item({
    id,
    kind: kinds[type] ?? 'post',
    platform: 'web',
    url: webUrl(`/p/${slug}`, context.options.siteUrl) ?? urn('substack', id),
    title,
    body,
    slug,
    ...(subtitle && { subtitle }),
    ...(publishedAt && { publishedAt }),
    ...(author && { author }),
    ...(audience && { audience }),
    ...(link && { link }),
  })
}

/** Without buttons and forms, which are no part of a text. */
function withoutFurniture(html: string): string {
  return without(without(html, '<p class="button-wrapper"', /<\/p>/g), '<div class="subscription-widget', endOfForm)
}

const endOfForm = /<\/form>\s*(<\/div>\s*)*/g

/** From each start to the next end. One expression for both would look for the end of each start through all the rest. */
function without(html: string, start: string, end: RegExp): string {
  const parts: string[] = []
  let done = 0
  for (let from = html.indexOf(start); from !== -1; from = html.indexOf(start, done)) {
    end.lastIndex = from
    if (end.exec(html) === null) break
    parts.push(html.slice(done, from))
    done = end.lastIndex
  }
  return [...parts, html.slice(done)].join('')
}
