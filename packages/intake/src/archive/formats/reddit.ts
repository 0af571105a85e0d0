import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { csvRows } from '../text/csv.ts'
import { parseDate } from '../text/dates.ts'
import { authorOf, webUrl } from './urn.ts'

const isGone = (text: string) => /^\[(deleted|removed|deleted by user)\]$/i.test(text.trim())

/** posts.csv or comments.csv of a Reddit export: by their headers, since columns came and went. Addresses (`ip`) are never read. */
export async function* readReddit(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const isComment = part.kind === 'reddit-comments'
  const author = authorOf(await accountName(context))
  for await (const row of csvRows(part.entry)) {
    if ('type' in row) {
      yield row
      continue
    }
    const { id = '', permalink = '', date, subreddit = '', title = '', body = '', parent = '' } = row.values
    const link = isComment ? undefined : webUrl(row.values.url)
    const url = webUrl(permalink, 'https://www.reddit.com')
    if (id === '' || url === undefined) {
      yield problem('bad-record', `row ${row.number} has no id or no permalink`, id)
    } else if (isGone(title) || isGone(body)) {
      yield skipped('deleted', id)
    } else if (!context.isNew(`reddit:${isComment ? 'comment' : 'post'}:${id}`)) {
      yield skipped('duplicate', id)
    } else if (title.trim() === '' && body.trim() === '') {
      yield problem('bad-record', `row ${row.number} has neither a title nor a text`, id)
    } else {
      const publishedAt = parseDate(date)
      const text = body.trim()
      yield item({
        id,
        kind: isComment ? 'comment' : 'post',
        platform: 'reddit',
        url,
        title: title.trim(),
        body: text === '' && link !== undefined ? `<${link}>` : text,
        ...(author && { author }),
        ...(publishedAt && { publishedAt }),
        tags: subreddit === '' ? [] : [subreddit],
        ...(link && { link }),
        ...(isComment && parent !== '' && { replyTo: parent.replace(/^t\d_/, '') }),
      })
      if (publishedAt === undefined && date !== undefined && date !== '') {
        yield problem('bad-date', `row ${row.number} has an unreadable date, and came without one`, id)
      }
    }
  }
}

function accountName(context: ReadContext): Promise<string | undefined> {
  return context.once('reddit:account', async () => {
    for (const part of context.parts) {
      if (part.kind !== 'reddit-statistics') continue
      for await (const row of csvRows(part.entry)) {
        if (!('type' in row) && row.values.statistic === 'account name') return row.values.value
      }
    }
    return undefined
  })
}
