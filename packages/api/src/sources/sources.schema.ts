import { fetchOutcomes, sourceStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, listInputWith, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'

export const TargetText = cleanText(2000)
  .trim()
  .min(1)
  .describe('A feed, a page, a site, a channel, r/name, @handle: as people write it')

const limit = z.number().int().min(1).max(200).describe('Most posts of one look, 1 to 200')
const intervalSeconds = z
  .number()
  .int()
  .min(900)
  .max(604_800)
  .nullable()
  .describe('15 minutes to 7 days; null: as the source itself suggests')

export const ListSources = listInput({
  status: z.enum(sourceStatuses).optional().describe('failing: still looked at, ever more rarely'),
})

export const SourceId = z.strictObject({ id: Id })

export const AddSource = z.strictObject({
  target: TargetText.describe('As people write it. Every key that may read sees it: none with a secret in it'),
  platform: PlatformName.optional().describe('Left out: told from the target'),
  limit: limit.default(20),
  intervalSeconds: intervalSeconds.default(null),
})

export const UpdateSource = z
  .strictObject({
    id: Id,
    paused: z.boolean().optional().describe('A paused source is not looked at until it is no longer paused'),
    limit: limit.optional(),
    intervalSeconds: intervalSeconds.optional(),
  })
  .refine(
    ({ id: _, ...changes }) => Object.values(changes).some((change) => change !== undefined),
    'must have at least one field to change',
  )

export const Source = z
  .object({
    id: Id,
    platform: PlatformName,
    kind: z.string().describe("The platform's own word: site, feed, channel, …"),
    target: z.string(),
    url: z.string().describe('As it is asked for, whole: everybody with a key sees it'),
    label: z.string(),
    title: z.string().nullable(),
    siteUrl: z.string().nullable(),
    feedUrl: z.string().nullable().describe('The feed that was found for it'),
    status: z.enum(sourceStatuses),
    limit: z.number().int(),
    intervalSeconds: z.number().int().nullable(),
    folders: z.array(z.string()),
    addedBy: Id.nullable(),
    failures: z.number().int().describe('In a row'),
    lastOutcome: z.string().nullable(),
    lastMessage: z.string().nullable(),
    lastFetchedAt: z.string().nullable(),
    lastOkAt: z.string().nullable(),
    lastNewAt: z.string().nullable().describe('When it last brought something new'),
    nextAt: z.string().nullable().describe('When it is looked at next; null while it is paused'),
    nextReason: z.string().nullable().describe('Why then'),
    createdAt: z.string(),
  })
  .meta({ id: 'Source' })

export const SourcePage = pageOf(Source)

export const AddedSource = Source.extend({
  isNew: z.boolean().describe('False: it was there already'),
  jobId: Id.nullable().describe('Its first look: GET /api/jobs/{id}/events follows it'),
}).meta({ id: 'AddedSource' })

export const ListFetches = listInputWith({ id: Id })

const Fetch = z
  .object({
    id: Id,
    fetchedAt: z.string(),
    url: z.string(),
    finalUrl: z.string(),
    redirects: z.array(z.object({ from: z.string(), to: z.string(), status: z.number() })),
    outcome: z.enum(fetchOutcomes),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    httpStatus: z.number().int().nullable(),
    robots: z.string().nullable().describe('The verdict of robots.txt; null: not asked'),
    wireBytes: z.number().int().describe('As they came, still packed'),
    totalMs: z.number(),
    waitedMs: z.number().describe("For the host's lane, and for robots.txt"),
  })
  .meta({ id: 'Fetch' })

export const FetchPage = pageOf(Fetch)

export const ImportOpml = z.strictObject({
  opml: z.string().min(1).max(5_000_000).describe('The file, as text'),
})

export const ImportedOpml = z.object({
  added: z.number().int(),
  known: z.number().int().describe('Those that were there already'),
  refused: z.number().int().describe('Those that are not followed'),
  problems: z.array(z.object({ target: z.string(), message: z.string() })).describe('Of those refused, the first 20'),
})

export const Opml = z.object({ opml: z.string() })
