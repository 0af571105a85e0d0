import { platforms } from '@extropy/db'
import { z } from 'zod'
import { defineTool, maxTokens } from '../tool.ts'

export const captureTool = defineTool({
  name: 'capture',
  description:
    'Fetches a public target (a page, feed, channel, profile) into the collection; needs a key that may write. follow keeps up with it. html hands over a page that you already have. accepted: it goes on as a job, see list jobs.',
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  input: z.strictObject({
    target: z.string().min(1).max(2000),
    platform: z.enum(platforms).default('web'),
    limit: z.number().int().min(1).max(200).default(20),
    html: z.string().min(1).optional(),
    follow: z.boolean().default(false),
    maxTokens,
  }),
  output: z.object({
    status: z.enum(['success', 'partial', 'accepted', 'failed']),
    outcome: z.string().nullable(),
    message: z.string(),
    contentIds: z.array(z.string()),
    count: z.number().int(),
    jobId: z.string(),
  }),
  async run({ caller, fence, room }, { maxTokens: _, ...target }) {
    const { html, ...rest } = target
    const done = await caller.scrape.fetch({ ...rest, ...(html !== undefined && { html }) })
    // An id is 36 characters, and no more than 30 tokens.
    const shown = Math.max(0, Math.floor((room - 250) / 30))
    return {
      status: done.status,
      outcome: done.outcome,
      message: fence.around(done.message, 400),
      contentIds: done.content_ids.slice(0, shown),
      count: done.count,
      jobId: done.job_id,
    }
  },
})
