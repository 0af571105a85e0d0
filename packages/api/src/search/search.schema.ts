import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { PlatformName } from '../platform.ts'
import { Timestamp } from '../timestamp.ts'

const UnderstoodKind = z.enum(['author', 'platform', 'published'])

/** Words of a prompt that were read as a filter. */
export const Understood = z.object({
  kind: UnderstoodKind,
  value: z.string().describe('The author, the platform, or the first day and the day after the last, with / between'),
  text: z.string().describe('The words of the prompt'),
})
export type Understood = z.output<typeof Understood>

const resultCount = z.number().int().min(1).max(100)

export const RagQuery = z
  .strictObject({
    prompt: cleanText(8000)
      .refine((prompt) => prompt.trim() !== '', 'must not be blank')
      .describe('A question or a few words, at most 8,000 characters; "a phrase" must be there, -word must not'),
    nResults: resultCount.optional().describe('How many passages, 1 to 100; 10 where it is left out'),
    n_results: resultCount
      .optional()
      .describe('Another name of nResults, for callers of the earlier service')
      .meta({ hidden: true }),
    platform: PlatformName.optional().describe('Only passages from this platform'),
    author: cleanText(200)
      .trim()
      .min(1)
      .optional()
      .describe('Only passages by this author: a username or display name, whatever its case'),
    publishedAfter: Timestamp.optional().describe('Only passages published then or later'),
    publishedBefore: Timestamp.optional().describe('Only passages published earlier'),
    tags: z
      .array(cleanText(100).trim().min(1, 'must not be empty'))
      .min(1)
      .max(20)
      .optional()
      .describe('Only contents that have all of these tags'),
    asWords: z
      .array(UnderstoodKind)
      .max(3)
      .optional()
      .describe('Kinds of filter that are not to be read in the prompt: their words are searched for like all others'),
    groupBy: z
      .enum(['passage', 'content'])
      .default('passage')
      .describe('content: the best passage of each content, its others named beside it'),
  })
  .refine((query) => query.nResults === undefined || query.n_results === undefined, {
    path: ['n_results'],
    message: 'is another name of nResults: send one of the two',
  })
  .transform(({ n_results, nResults, ...query }) => ({ ...query, nResults: nResults ?? n_results ?? 10 }))

export const RagResult = z
  .object({
    rank: z.number().int().describe('1 for the best'),
    passage: z.object({
      id: z.string().describe('The content id, a colon, the ordinal'),
      ordinal: z.number().int().describe('0 for the first passage of its content'),
      text: z.string(),
    }),
    content: z.object({
      id: Id,
      platform: PlatformName,
      sourceUrl: z.string(),
      author: z.string(),
      title: z.string(),
      publishedAt: z.string().nullable(),
    }),
    /** Null where this leg did not find the passage. */
    vector: z.object({ rank: z.number().int(), cosineDistance: z.number() }).nullable(),
    word: z.object({ rank: z.number().int(), textRank: z.number().describe('BM25') }).nullable(),
    fusedScore: z.number().describe('0 to 1: the weighed sum of both legs, each scaled to its own best'),
    relevance: z
      .number()
      .describe(
        "0 to 1, whatever else was found: how much of the question's weight is in the passage, and how near it is",
      ),
    why: z.object({
      wordShare: z.number().describe('What of fusedScore comes from the words'),
      vectorShare: z.number().describe('What of it comes from the meaning'),
      matchedWords: z.array(z.string()).describe("The question's words that the passage or its title has, as lexemes"),
    }),
    alsoIn: z
      .array(z.object({ passageId: z.string(), contentId: Id, title: z.string() }))
      .describe('Near-duplicates of this passage, folded into it: the best 20 at most'),
    otherPassages: z
      .array(z.object({ id: z.string(), fusedScore: z.number() }))
      .describe("With groupBy content: the content's further passages, the best 20 at most"),
  })
  .meta({ id: 'SearchResult' })

export const RagAnswer = z
  .object({
    query: z.string(),
    count: z.number().int(),
    results: z.array(RagResult),
    exhausted: z.boolean().describe('Fewer than asked for exist'),
    search: z
      .object({
        words: z.array(
          z.object({
            word: z.string().describe('As lexemes; several languages of the collection with / between'),
            passages: z.number().int().describe('That have it; 0: nothing here has the word'),
            insteadOf: z.string().optional().describe('The word asked for, which no passage has'),
          }),
        ),
        understood: z
          .array(Understood)
          .describe('Filters that were read in the prompt, such as a known author: asWords switches them off'),
        notice: z
          .string()
          .nullable()
          .describe(
            'What a reader should know: that nothing here is in the language of the question, that the embedding model did not answer',
          ),
        phrases: z.array(z.string()),
        excluded: z.array(z.string()),
        onlyRescored: z
          .array(z.string())
          .describe('Words so common that not all of their passages were candidates; they count in the scores'),
        vector: z.enum(['exact', 'approximate', 'none']).describe('How the nearest vectors were found'),
        embeddedShare: z
          .number()
          .describe(
            'Share of all passages that the embedding model has read, 0 to 1: the others are found by word alone',
          ),
      })
      .describe('How the question was read'),
  })
  .meta({ id: 'SearchAnswer' })
