import { jobStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListJobs = listInput({
  status: z.enum(jobStatuses).optional(),
  kind: cleanText(100).trim().min(1).optional().describe('Such as `sources.refresh`'),
  userId: Id.optional().describe("Default: the caller; an admin's default is everyone"),
})

export const JobId = z.strictObject({ id: Id })

export const FollowJob = z.strictObject({
  id: Id,
  lastEventId: z
    .string()
    .regex(/^\d{1,9}$/, "must be an event's id")
    .optional()
    .describe('The last event that the caller has seen; a browser sends it as the header Last-Event-ID'),
})

const summary = {
  id: Id,
  kind: z.string(),
  subject: z.string().nullable().describe('The thing that it works on'),
  userId: Id.nullable().describe("Null: the server's own"),
  status: z
    .enum(jobStatuses)
    .describe('`failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried'),
  isCancelling: z.boolean().describe('It is to be cancelled, and has not stopped yet'),
  attempt: z.number().int().describe('Runs begun'),
  maxAttempts: z.number().int(),
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      perSecond: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  error: z.string().nullable().describe('Of the last run that failed'),
  createdAt: z.string(),
  runAfter: z.string().describe('The earliest start, while it is queued'),
  startedAt: z.string().nullable().describe('Of the last run'),
  deadlineAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
}

export const Job = z
  .object({
    ...summary,
    log: z.array(z.object({ at: z.string(), text: z.string() })).describe('The last 20 lines'),
    result: z.unknown().describe('Null until it has succeeded'),
  })
  .meta({ id: 'Job' })

export const JobPage = pageOf(z.object(summary))

export const JobEvent = z.object({
  type: z.enum(['progress', 'done']).describe('`done` is the last one'),
  id: z.string().describe('To resume behind it'),
  job: Job,
})
export type JobEvent = z.output<typeof JobEvent>
