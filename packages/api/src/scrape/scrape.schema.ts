import { fetchOutcomes } from '@extropy/db'
import { z } from 'zod'
import { Id } from '../id.ts'
import { PlatformName } from '../platform.ts'
import { TargetText } from '../sources/sources.schema.ts'
import { storableText } from '../storable-text.ts'

export const Scrape = z.strictObject({
  platform: PlatformName,
  target: TargetText,
  limit: z.number().int().min(1).max(200).default(20).describe('Most contents, 1 to 200'),
  html: z
    .string()
    .min(1)
    .max(5_000_000)
    .overwrite((html) => storableText(html))
    .optional()
    .describe('The page itself, or a transcript, handed over by a reader who sees what a server does not'),
  follow: z.boolean().default(false).describe('Keep up with it from now on, as a source'),
})

export const Scraped = z
  .object({
    status: z
      .enum(['success', 'partial', 'accepted', 'failed'])
      .describe('partial: some of it was refused; accepted: it is not over yet, see job_id'),
    platform: PlatformName,
    target: z.string(),
    count: z.number().int(),
    content_ids: z.array(Id),
    outcome: z.enum(fetchOutcomes).nullable().describe('What came of asking; null while it is not over'),
    message: z.string(),
    job_id: Id,
  })
  .meta({ id: 'Scraped' })

export const LastScrape = z.strictObject({ platform: PlatformName, target: TargetText })

export const LastScraped = z
  .object({
    platform: PlatformName,
    target: z.string(),
    lookedAt: z.string(),
    outcome: z.enum(fetchOutcomes),
    message: z.string(),
    count: z.number().int(),
    content_ids: z.array(Id).describe('Of the contents that the last look met, new or not; some may be deleted since'),
  })
  .meta({ id: 'LastScraped' })

export const PlatformInput = z.strictObject({ platform: PlatformName })

export const PlatformHealth = z
  .object({
    platform: PlatformName,
    status: z.enum(['works', 'failing', 'unknown']).describe('By the latest looks; unknown: there was none'),
    works: z.array(z.string()).describe('Without any account'),
    needs: z.array(z.object({ what: z.string(), setting: z.string(), isSet: z.boolean() })),
    limits: z.array(z.string()),
    lastWorkedAt: z.string().nullable().describe('When something last came from there'),
    lastFailedAt: z.string().nullable(),
  })
  .meta({ id: 'PlatformHealth' })
