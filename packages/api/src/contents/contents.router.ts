import { recordAct } from '../audit/audit.ts'
import { exampleIds } from '../example-ids.ts'
import { inTransaction } from '../transaction.ts'
import { adminProcedure, anyReadProcedure, publicProcedure, router } from '../trpc.ts'
import { addAlias, findByAddress, listAliases, removeAlias } from './aliases.ts'
import { deleteContent, putContent } from './contents.commands.ts'
import { getContent, listContents } from './contents.queries.ts'
import {
  Aliases,
  AliasInput,
  Content,
  ContentId,
  ContentPage,
  ContentRef,
  ListContents,
  Origins,
  PutContent,
  SimilarAnswer,
  SimilarQuery,
  SnapshotAnswer,
  UpdateContent,
} from './contents.schema.ts'
import { getOrigins, getSnapshot } from './origins.ts'
import { findSimilar } from './similar.ts'
import { updateContent } from './update-content.ts'

export const contentsRouter = router({
  list: publicProcedure
    .meta({
      summary: 'Contents, newest first by the time of their ingest.',
      rest: ['GET /api/contents'],
      example: { limit: 5 },
    })
    .input(ListContents)
    .output(ContentPage)
    .query(async ({ ctx, input: { sourceUrl, ...page } }) =>
      listContents(ctx.db, {
        ...page,
        id: sourceUrl === undefined ? undefined : ((await findByAddress(ctx.db, sourceUrl)) ?? null),
      }),
    ),

  byId: publicProcedure
    .meta({
      summary: 'One content with its body and its authors.',
      rest: ['GET /api/contents/{id}'],
      example: { id: exampleIds.content },
    })
    .input(ContentId)
    .output(Content)
    .query(({ ctx, input }) => getContent(ctx.db, input.id)),

  similar: publicProcedure
    .meta({
      summary: 'The contents most like one, by meaning and by its telling words.',
      rest: ['GET /api/contents/{id}/similar'],
      example: { id: exampleIds.content, limit: 5 },
    })
    .input(SimilarQuery)
    .output(SimilarAnswer)
    .query(({ ctx, input }) => findSimilar(ctx, input)),

  aliases: publicProcedure
    .meta({
      summary: 'Other addresses of a content, under which it has been met.',
      rest: ['GET /api/contents/{id}/aliases'],
      example: { id: exampleIds.content },
    })
    .input(ContentId)
    .output(Aliases)
    .query(({ ctx, input }) => listAliases(ctx.db, input.id)),

  origins: anyReadProcedure
    .meta({
      summary: 'Where a content has been met: by which looks, when, and when next.',
      rest: ['GET /api/contents/{id}/origins'],
      example: { id: exampleIds.content },
    })
    .input(ContentId)
    .output(Origins)
    .query(({ ctx, input }) => getOrigins(ctx.db, input.id)),

  snapshot: publicProcedure
    .meta({
      summary: 'The document that a content was read from, as it came, where it is kept.',
      rest: ['GET /api/contents/{id}/snapshot'],
      example: { id: exampleIds.content },
    })
    .input(ContentId)
    .output(SnapshotAnswer)
    .query(({ ctx, input }) => getSnapshot(ctx.db, input.id)),

  addAlias: adminProcedure
    .meta({
      summary:
        'Merges an address into a content. A content that is stored under it goes; its cards are about this one then.',
      rest: ['POST /api/contents/{id}/aliases'],
      example: { id: exampleIds.content, url: 'https://example.org/the-same-post' },
    })
    .input(AliasInput)
    .output(Aliases)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const aliases = await addAlias(trx, input)
        await recordAct(trx, ctx, { action: 'contents.addAlias', target: input.id, details: { url: input.url } })
        return aliases
      }),
    ),

  removeAlias: adminProcedure
    .meta({
      summary: 'Undoes a merge: the address is a piece of its own, which the next look at it brings in.',
      rest: ['DELETE /api/contents/{id}/aliases'],
      example: { id: exampleIds.content, url: 'https://example.org/the-same-post' },
    })
    .input(AliasInput)
    .output(Aliases)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const aliases = await removeAlias(trx, input)
        await recordAct(trx, ctx, { action: 'contents.removeAlias', target: input.id, details: { url: input.url } })
        return aliases
      }),
    ),

  put: adminProcedure
    .meta({
      summary: 'Stores a content under its source URL: a new one, or in the place of the one that is there.',
      rest: ['POST /api/contents'],
      example: {
        platform: 'web',
        sourceUrl: 'https://example.org/a-post',
        author: 'Ada',
        title: 'A post',
        body: 'Its text, in *Markdown*.',
      },
    })
    .input(PutContent)
    .output(Content)
    .mutation(async ({ ctx, input }) => {
      const id = await putContent(ctx.db, input)
      await recordAct(ctx.db, ctx, { action: 'contents.put', target: id })
      return getContent(ctx.db, id)
    }),

  update: adminProcedure
    .meta({
      summary: 'Changes what is named of a content; passages and words follow at once, vectors a little later.',
      rest: ['PATCH /api/contents/{id}', 'PATCH /api/contents'],
      example: { id: exampleIds.content, metrics: { likes: 12 } },
    })
    .input(UpdateContent)
    .output(Content)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const { id, changed } = await updateContent(trx, input)
        await recordAct(trx, ctx, { action: 'contents.update', target: id, details: { changed } })
        return getContent(trx, id)
      }),
    ),

  delete: adminProcedure
    .meta({
      summary: 'Deletes a content with its passages; cards about it stay.',
      rest: ['DELETE /api/contents/{id}', 'DELETE /api/contents'],
      example: { id: exampleIds.content },
    })
    .input(ContentRef)
    .output(ContentId)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const { id, sourceUrl } = await deleteContent(trx, input)
        await recordAct(trx, ctx, { action: 'contents.delete', target: id, details: { sourceUrl } })
        return { id }
      }),
    ),
})
