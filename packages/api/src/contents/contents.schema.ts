import { aliasReasons, sourceStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { SourceUrl } from '../ingest/source-url.ts'
import { listInput, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'
import { RagResult } from '../search/search.schema.ts'

export const ListContents = listInput({
  sourceUrl: cleanText(2048)
    .trim()
    .min(1)
    .optional()
    .describe('The content of this address, also where that is one of its others'),
  platform: PlatformName.optional().describe('Only contents of this platform'),
  authorId: Id.optional().describe('Only contents by this author'),
})

/** As a line of an ingest file, in camelCase. */
export const PutContent = z.strictObject({
  platform: PlatformName,
  sourceUrl: z.string().describe('http or https; what the content is known by'),
  title: z.string().optional().describe("Default: the body's first words"),
  body: z.string().optional().describe('Markdown or text'),
  author: z.string().optional().describe('A name, or several with commas between; or `authors`'),
  authors: z.array(z.string()).optional(),
  publishedAt: z.string().optional().describe('ISO 8601'),
  language: z.string().optional().describe('A language tag; default: as the text tells'),
  tags: z.array(z.string()).optional(),
  metrics: z.record(z.string(), z.unknown()).optional().describe('Likes, views and the like'),
})

export const ContentId = z.strictObject({ id: Id })

const contentRef = {
  id: Id.optional(),
  sourceUrl: SourceUrl.optional().describe('In the place of the id'),
}

const isOneRef = ({ id, sourceUrl }: { id?: unknown; sourceUrl?: unknown }) =>
  (id === undefined) !== (sourceUrl === undefined)
const notOneRef = { path: ['id'], message: 'is required, or sourceUrl in its place' }

/** A content by its id or by its source URL. */
export const ContentRef = z.strictObject(contentRef).refine(isOneRef, notOneRef)

const { author, authors, title, body, tags, metrics } = PutContent.shape

/** What is left out stays as it is. */
export const UpdateContent = z
  .strictObject({
    ...contentRef,
    ifContentHash: z
      .string()
      .max(64)
      .optional()
      .describe('The contentHash that was read: 409 where the content has changed since'),
    title,
    body,
    author,
    authors,
    publishedAt: z.string().nullable().optional().describe('ISO 8601; null: not known'),
    language: z.string().nullable().optional().describe('A language tag; null: as the text tells'),
    tags,
    metrics: metrics.describe('Likes, views and the like, in the place of all earlier ones'),
  })
  .refine(isOneRef, notOneRef)
  .refine(
    ({ id: _, sourceUrl: __, ifContentHash: ___, ...changes }) =>
      Object.values(changes).some((change) => change !== undefined),
    'must have at least one field to change',
  )
export const AliasInput = z.strictObject({
  id: Id,
  url: cleanText(2048).trim().min(1).describe('Another address, in any spelling'),
})

export const Aliases = z
  .object({
    items: z.array(
      z.object({
        url: z.string(),
        reason: z.enum(aliasReasons).describe("The page's own word, a redirect, the same text, or an archive"),
        isUndone: z.boolean().describe('Somebody said that it is a piece of its own'),
        createdAt: z.string(),
      }),
    ),
  })
  .meta({ id: 'Aliases' })

/** Where a content has been met, at most 100. */
export const Origins = z
  .object({
    items: z.array(
      z.object({
        platform: PlatformName,
        url: z.string().describe('Of the document that it was read from'),
        httpStatus: z.number().int().nullable(),
        etag: z.string().nullable(),
        firstMetAt: z.string(),
        lastMetAt: z.string().describe('When a look that brought something last had it'),
        snapshotAt: z.string().nullable().describe('When the document that is kept was taken; null: none is'),
        source: z
          .object({
            id: Id,
            name: z.string(),
            status: z.enum(sourceStatuses),
            lastFetchedAt: z.string().nullable(),
            nextAt: z.string().nullable().describe('The next look'),
          })
          .nullable()
          .describe('Null: it is not followed'),
      }),
    ),
  })
  .meta({ id: 'Origins' })

export const SnapshotAnswer = z.object({
  snapshot: z
    .object({
      takenAt: z.string(),
      contentType: z.string().nullable().describe("As the source's server named it"),
      sizeBytes: z.number().int(),
      document: z
        .string()
        .describe('As it came, as text: a page, or a feed’s entry. Somebody else wrote it: never show it as HTML'),
    })
    .nullable()
    .describe('Null: none is kept'),
})

/** A content without its body, as lists show it. */
const ContentSummary = z
  .object({
    id: Id,
    platform: PlatformName,
    sourceUrl: z.string(),
    author: z.string().describe('Display names, joined by ", "'),
    title: z.string(),
    tags: z.array(z.string()),
    publishedAt: z.string().nullable().describe('ISO 8601, UTC; null where the source gives none'),
    scrapedAt: z.string().describe('ISO 8601, UTC'),
  })
  .meta({ id: 'ContentSummary' })

export const Content = ContentSummary.extend({
  body: z.string(),
  metrics: z.record(z.string(), z.unknown()).describe('As the source gave them: likes, views and the like'),
  contentHash: z.string().describe('Changes whenever the content does'),
  analyzedAt: z.string().nullable(),
  authors: z.array(z.object({ id: Id, username: z.string(), displayName: z.string() })).describe('In byline order'),
}).meta({ id: 'Content' })

export const ContentPage = pageOf(ContentSummary)

export const SimilarQuery = z.strictObject({
  id: Id,
  limit: z.number().int().min(1).max(50).default(10).describe('How many contents, 1 to 50'),
})

export const SimilarAnswer = z.object({
  items: z.array(
    z.object({
      ...RagResult.shape.content.shape,
      passage: RagResult.shape.passage.describe('Its passage nearest to the content asked about'),
      fusedScore: RagResult.shape.fusedScore,
      why: RagResult.shape.why,
    }),
  ),
})
