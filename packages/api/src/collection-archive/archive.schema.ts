import { type Column, tables, toCamelCase } from '@extropy/db'
import { z } from 'zod'
import { type ArchivePart, type ArchivePartName, archivePartNames, archiveParts } from './archive-parts.ts'

/** Raised when what was written before could no longer be read. */
export const archiveVersion = 1

export const ArchiveHead = z.object({
  type: z.literal('extropy'),
  version: z.literal(archiveVersion, { error: 'is of another version of the archive' }),
  exportedAt: z.string(),
  userId: z.uuid().describe('Whose view of the collection it is'),
})

const PartSum = z.object({
  rows: z.number().int(),
  hash: z.string().describe('sha-256 over the part’s lines, each with its line feed'),
})

export const ArchiveEnd = z.object({
  type: z.literal('done'),
  lines: z.number().int().describe('The lines before this one: an archive without it broke off'),
  parts: z.record(z.string(), PartSum),
})

const types: Readonly<Record<string, z.ZodType>> = {
  uuid: z.uuid(),
  text: z.string(),
  'text[]': z.array(z.string()),
  'timestamp with time zone': z.string(),
  smallint: z.number().int(),
  integer: z.number().int(),
  // A string: it may be more than a JavaScript number can hold.
  bigint: z.string().regex(/^-?\d{1,19}$/),
  boolean: z.boolean(),
  jsonb: z.unknown(),
  'double precision': z.number(),
  'numeric(20,8)': z.string(),
}

/** The column that a part's value is of. */
export function columnOf({ table }: Pick<ArchivePart, 'table'>, name: string): Column<unknown> {
  const column = tables.find((each) => toCamelCase(each.name) === table)?.columns[name]
  if (column === undefined) throw new TypeError(`${table} has no column ${name}`)
  return column
}

function rowSchema(part: ArchivePart) {
  const shape = part.columns.map((name) => {
    const { sqlType, nullable } = columnOf(part, name)
    const type = types[sqlType]
    if (type === undefined) throw new TypeError(`an archive has no values of the type ${sqlType}`)
    // Others' e-mail addresses are not told.
    return [name, nullable || name === 'email' ? type.nullable() : type]
  })
  return z.strictObject(Object.fromEntries(shape) as Record<string, z.ZodType>)
}

export const rowSchemas = Object.fromEntries(archiveParts.map((part) => [part.name, rowSchema(part)])) as Readonly<
  Record<ArchivePartName, ReturnType<typeof rowSchema>>
>

const ArchiveRow = z.object({
  type: z.enum(archivePartNames),
  row: z.record(z.string(), z.unknown()).describe('The columns of the table, as docs/exports.md names them'),
})
export type ArchiveRow = z.output<typeof ArchiveRow>

/** A line of a collection's archive. */
export const CollectionLine = z.discriminatedUnion('type', [ArchiveHead, ArchiveRow, ArchiveEnd])
export type CollectionLine = z.output<typeof CollectionLine>
