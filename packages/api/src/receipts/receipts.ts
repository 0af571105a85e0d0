import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { readSentencesNear } from '../document/sentences-near.ts'
import { AppError } from '../errors.ts'
import { decodeReceiptId, encodeReceiptId, fingerprint, type ReceiptClaim, type ReceiptPart } from './receipt-id.ts'
import type { CheckedReceipt, Receipt } from './receipts.schema.ts'

interface StoredContent {
  readonly title: string
  readonly body: string
  readonly author: string
  readonly publishedAt: string | null
  readonly contentHash: string
}

/** The text that a content's passages are cut from: a link has only its title. */
export function quotedText({ title, body }: Pick<StoredContent, 'title' | 'body'>): string {
  return body || title
}

interface Read {
  readonly contentId: string
  readonly ordinal: number
  readonly contentHash: string
  readonly part: ReceiptPart
  readonly start: number
  readonly end: number
  /** The text there. */
  readonly source: string
  readonly readAt: Date
}

export function makeReceipt({ contentId, ordinal, contentHash, part, start, end, source, readAt }: Read): Receipt {
  const id = encodeReceiptId({
    contentId,
    ordinal,
    part,
    start,
    end,
    readAt: readAt.getTime(),
    contentPrint: fingerprint(contentHash),
    sourcePrint: fingerprint(source),
  })
  return {
    id,
    passageId: `${contentId}:${ordinal}`,
    contentId,
    part,
    start,
    end,
    contentHash,
    readAt: readAt.toISOString(),
  }
}

/**
 * Looks whether a content still says what a receipt was made for. A sentence that has only moved is unchanged, and has its new place; in a
 * text of more than 40,000 characters it is looked for within 20,000 of the old one.
 *
 * @throws AppError not_found for what is no receipt's id
 */
export async function checkReceipt(db: Kysely<Database>, id: string): Promise<CheckedReceipt> {
  const claim = decodeReceiptId(id)
  if (claim === undefined) throw new AppError('not_found', 'This is no receipt: copy its id whole from an answer.')
  const { contentId, ordinal, part, start, end } = claim
  const said = { id, passageId: `${contentId}:${ordinal}`, contentId, part, start, end }
  const readAt = new Date(claim.readAt).toISOString()
  const content = await db
    .selectFrom('contents')
    .select(['title', 'body', 'author', 'publishedAt', 'contentHash', 'sourceUrl'])
    .where('id', '=', contentId)
    .executeTakeFirst()
  if (content === undefined) {
    return { ...said, readAt, status: 'gone', contentChanged: true, source: null, title: null, sourceUrl: null }
  }
  const { title, sourceUrl } = content
  const place = findSource(content, claim)
  return {
    ...said,
    ...(place && { start: place.start, end: place.end }),
    readAt,
    status: place === undefined ? 'changed' : 'unchanged',
    contentChanged: fingerprint(content.contentHash) !== claim.contentPrint,
    source: place?.source ?? null,
    title,
    sourceUrl,
  }
}

type Place = Pick<Read, 'start' | 'end' | 'source'>

function findSource(content: StoredContent, { part, start, end, sourcePrint }: ReceiptClaim): Place | undefined {
  const isIt = ({ source }: Place) => fingerprint(source) === sourcePrint
  if (part !== 'text') return [{ start, end, source: fieldSource(content, part) }].find(isIt)
  const text = quotedText(content)
  const at = (from: number, to: number) => ({ start: from, end: to, source: text.slice(from, to) })
  const same = at(start, end)
  if (isIt(same)) return same
  return readSentencesNear(text, [Math.min(start, text.length)])
    .filter((sentence) => sentence.end - sentence.start === end - start)
    .map((sentence) => at(sentence.start, sentence.end))
    .find(isIt)
}

/** A field with the title that it is said of. */
export function fieldSource(
  { title, author, publishedAt }: Pick<StoredContent, 'title' | 'author' | 'publishedAt'>,
  part: 'publishedAt' | 'author',
): string {
  const value = part === 'author' ? author : publishedAt && new Date(publishedAt).toISOString()
  return JSON.stringify([title, value])
}
