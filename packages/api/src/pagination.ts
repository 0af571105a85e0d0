import { z } from 'zod'
import { AppError } from './errors.ts'
import { isStorable } from './timestamp.ts'

const pageInput = {
  limit: z.number().int().min(1).max(100).default(20).describe('Items a page, 1 to 100'),
  cursor: z.string().max(1000).optional().describe('`nextCursor` of the previous page; left out for the first'),
}

/** A list's input: its filters, a limit and a cursor, each of which may be left out, and so may the whole. */
export function listInput<Filters extends z.ZodRawShape>(filters: Filters) {
  return listInputWith(filters).prefault({} as never)
}

/** The input of a list that cannot do without one of its filters. */
export function listInputWith<Filters extends z.ZodRawShape>(filters: Filters) {
  return z.strictObject({ ...pageInput, ...filters })
}

/** A list's answer. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** A timestamp as a sort key. PostgreSQL must be able to read it, or a forged cursor would be an error of ours. */
export const timestampKey = z.iso.datetime().max(27).refine(isStorable)

/**
 * A list's cursor: the sort key of a page's last row, opaque to callers. It carries the list's name, so that the cursor
 * of one list is refused by another.
 */
export function defineCursor<Key extends readonly [z.ZodType, ...z.ZodType[]]>(list: string, key: Key) {
  const schema = z.tuple([z.literal(list), z.tuple(key as unknown as [z.ZodType, ...z.ZodType[]])])
  type Values = { [Position in keyof Key]: z.output<Key[Position]> }
  return {
    encode: (values: Values): string => Buffer.from(JSON.stringify([list, values])).toString('base64url'),
    /** @throws AppError invalid_cursor */
    decode(cursor: string): Values {
      const bytes = Buffer.from(cursor, 'base64url')
      const text = bytes.toString()
      const parsed = schema.safeParse(parseJson(text))
      // Node skips characters that are not base64url, so a cursor with junk in it would be another spelling of the same page.
      const isAsMade = bytes.toString('base64url') === cursor
      // PostgreSQL has no NUL, and so no cursor of ours has one.
      if (parsed.success && isAsMade && !text.includes('\\u0000')) return parsed.data[1] as Values
      const message = `is not a cursor of this list: pass the nextCursor of its page before, unchanged, or leave it out`
      throw new AppError('invalid_cursor', `cursor: ${message}`, { issues: [{ field: 'cursor', message }] })
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
