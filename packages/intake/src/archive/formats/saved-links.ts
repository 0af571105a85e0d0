import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { type CsvRow, csvRows } from '../text/csv.ts'
import { parseDate } from '../text/dates.ts'
import { webUrl } from './urn.ts'

/** Pocket's CSV (tags by `|`) and Instapaper's (a folder that is also a state). */
export async function* readSavedLinks(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const isPocket = part.kind === 'pocket-csv'
  for await (const row of csvRows(part.entry)) {
    if ('type' in row) {
      yield row
      continue
    }
    const { values, number } = row
    const url = webUrl(values.url)
    const time = values.time_added ?? values.timestamp ?? ''
    if (url === undefined) {
      yield problem('no-url', `row ${number} has no web address`)
    } else if (!context.isNew(`bookmark:${url}`)) {
      yield skipped('duplicate', url)
    } else {
      const publishedAt = parseDate(time)
      yield item({
        id: url,
        kind: 'bookmark',
        platform: 'web',
        url,
        link: url,
        title: values.title?.trim() || url,
        body: values.selection?.trim() ?? '',
        ...(publishedAt && { publishedAt }),
        ...(isPocket ? ofPocket(row) : ofInstapaper(row)),
      })
      if (publishedAt === undefined && time.trim() !== '') {
        yield problem('bad-date', `row ${number} has an unreadable time, and came without one`, url)
      }
    }
  }
}

const listOfNames = (text: string, mark: string) =>
  text
    .split(mark)
    .map((name) => name.trim())
    .filter((name) => name !== '')

const ofPocket = ({ values }: CsvRow) => ({
  tags: listOfNames(values.tags ?? '', '|'),
  ...(values.status && { archived: values.status.trim() === 'archive' }),
})

/** Unread, Archive and Starred are Instapaper's own folders; tags are a list in JSON. */
function ofInstapaper({ values }: CsvRow) {
  const folder = values.folder?.trim() ?? ''
  const isOwn = /^(unread|archive|starred)$/i.test(folder)
  return {
    tags: listOfNames((values.tags ?? '').replace(/^\[|\]$|"/g, ''), ','),
    folder: isOwn || folder === '' ? [] : [folder],
    archived: /^archive$/i.test(folder),
    starred: /^starred$/i.test(folder),
  }
}
