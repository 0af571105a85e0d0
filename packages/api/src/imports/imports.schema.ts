import { jobStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { Job } from '../jobs/jobs.schema.ts'
import { listInput, pageOf } from '../pagination.ts'

/** In the query: the body is the file. */
export const CreateImport = z.strictObject({
  name: cleanText(500)
    .trim()
    .min(1)
    .optional()
    .describe(
      "The file's name, also with its folder: what has no address is known by them. Default: X-Filename, Content-Disposition, or `upload`",
    ),
  follow: z.boolean().default(false).describe('Keep up with the feeds that the archive names'),
  author: cleanText(200).trim().min(1).optional().describe('The author of what names none'),
  site: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(2000)
    .optional()
    .describe("The site's address, which exports of Substack and Ghost leave out"),
  private: z.boolean().default(false).describe('Take in bookmarks that are marked as private'),
})

export const ImportId = z.strictObject({ id: Id })

export const ListImports = listInput({
  status: z.enum(jobStatuses).optional(),
  userId: Id.optional().describe("Default: the caller; an admin's default is everyone"),
})

export const ImportReport = z
  .object({
    formats: z.array(z.string()).describe('`x`, `reddit`, `markdown`, …; `extropy`: another server’s archive'),
    new: z.number().int(),
    changed: z.number().int(),
    unchanged: z.number().int().describe('There already as they are, or twice in the archive'),
    rejected: z.number().int().describe('They break a rule of ingest; named among the problems'),
    skipped: z.record(z.string(), z.number().int()).describe('Left out, by reason: `draft`, `private`, `repost`, …'),
    problemCount: z.number().int(),
    problems: z.array(z.string()).describe('The first 50, each with its place'),
    feeds: z.object({
      found: z.number().int(),
      added: z.number().int().describe('Followed from now on'),
      known: z.number().int().describe('Followed already'),
      refused: z.number().int().describe('No address that can be followed'),
    }),
  })
  .meta({ id: 'ImportReport' })
export type ImportReport = z.output<typeof ImportReport>

const { id, userId, status, isCancelling, progress, error, createdAt, startedAt, finishedAt } = Job.shape

export const Import = z
  .object({
    id: id.describe("Also the job's"),
    name: z.string().describe("The file's"),
    userId,
    status,
    isCancelling,
    progress,
    error,
    report: ImportReport.nullable().describe('Null until it has succeeded'),
    createdAt,
    startedAt,
    finishedAt,
  })
  .meta({ id: 'Import' })

export const ImportPage = pageOf(Import)
