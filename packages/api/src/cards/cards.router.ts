import { exampleIds } from '../example-ids.ts'
import { toMoneyRequest } from '../tokens/idempotency.ts'
import { ownReadProcedure, ownWriteProcedure, publicProcedure, router, viewerProcedure } from '../trpc.ts'
import { deleteCard, insertCard, unpublishCard, updateCard } from './cards.commands.ts'
import { getCard, listOwnCards, listPublishedCards } from './cards.queries.ts'
import {
  Card,
  CardId,
  CardPage,
  EditCard,
  ListOwnCards,
  ListPublishedCards,
  NewCard,
  OwnCard,
  OwnCardPage,
  PublishCards,
  Published,
} from './cards.schema.ts'
import { publishCards } from './publish.ts'
export const cardsRouter = router({
  list: publicProcedure
    .meta({
      summary: 'Published cards, newest first; filters may be combined.',
      rest: ['GET /api/cards'],
      example: { limit: 5 },
    })
    .input(ListPublishedCards)
    .output(CardPage)
    .query(({ ctx, input }) => listPublishedCards(ctx.db, input)),

  mine: ownReadProcedure
    .meta({
      summary: "The caller's own cards, drafts and private ones too, newest first.",
      rest: ['GET /api/cards/mine'],
      example: { limit: 5 },
    })
    .input(ListOwnCards)
    .output(OwnCardPage)
    .query(({ ctx, input }) => listOwnCards(ctx.db, { ...input, userId: ctx.principal.userId })),

  byId: viewerProcedure
    .meta({
      summary: "A published card, or one of the caller's own.",
      rest: ['GET /api/cards/{id}'],
      example: { id: exampleIds.card },
    })
    .input(CardId)
    .output(Card)
    .query(({ ctx, input }) => getCard(ctx.db, { id: input.id, viewerId: ctx.principal?.userId ?? null })),

  draft: ownWriteProcedure
    .meta({
      summary: 'Stores a card that only its owner sees.',
      rest: ['POST /api/cards/drafts'],
      example: { title: 'A thought', body: 'Some *Markdown*.', privacyLevel: 'IDEAS', tags: ['rust'] },
    })
    .input(NewCard)
    .output(OwnCard)
    .mutation(({ ctx, input }) => insertCard(ctx.db, ctx.principal.userId, input)),

  edit: ownWriteProcedure
    .meta({
      summary: 'Changes the given fields and leaves the others.',
      rest: ['PATCH /api/cards/{id}'],
      example: { id: exampleIds.ownCard, title: 'A better title' },
    })
    .input(EditCard)
    .output(OwnCard)
    .mutation(({ ctx, input }) => updateCard(ctx.db, ctx.principal.userId, input)),

  publish: ownWriteProcedure
    .meta({
      summary:
        'Publishes drafts and new cards; each earns a token once, up to a number a day. Takes an Idempotency-Key.',
      rest: ['POST /api/cards'],
      example: { cards: [{ title: 'A thought', body: 'Some *Markdown*.', privacyLevel: 'IDEAS' }] },
      movesMoney: true,
    })
    .input(PublishCards)
    .output(Published)
    .mutation(({ ctx, input }) => publishCards(ctx.db, ctx, toMoneyRequest(ctx, 'cards.publish', input), input)),

  unpublish: ownWriteProcedure
    .meta({
      summary: 'Takes a published card back: only its owner sees it then.',
      rest: ['POST /api/cards/{id}/unpublish'],
      example: { id: exampleIds.ownCard },
    })
    .input(CardId)
    .output(OwnCard)
    .mutation(({ ctx, input }) => unpublishCard(ctx.db, ctx.principal.userId, input.id)),

  delete: ownWriteProcedure
    .meta({
      summary: 'Deletes a card and its attributions.',
      rest: ['DELETE /api/cards/{id}'],
      example: { id: exampleIds.ownCard },
    })
    .input(CardId)
    .output(CardId)
    .mutation(({ ctx, input }) => deleteCard(ctx.db, ctx.principal.userId, input.id)),
})
