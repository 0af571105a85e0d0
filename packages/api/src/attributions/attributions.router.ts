import { getCard } from '../cards/cards.queries.ts'
import { fieldError } from '../errors.ts'
import { exampleIds } from '../example-ids.ts'
import { toMoneyRequest } from '../tokens/idempotency.ts'
import { ownReadProcedure, ownWriteProcedure, router, viewerProcedure } from '../trpc.ts'
import { attribute } from './attribute.ts'
import { getAttributionGraph } from './attribution-graph.queries.ts'
import { countBacklinks, getAttribution, listBacklinks, listReceived } from './attributions.queries.ts'
import {
  Attribution,
  AttributionCounts,
  AttributionGraph,
  AttributionGraphInput,
  AttributionId,
  AttributionPage,
  CountsOf,
  CreateAttribution,
  ListBacklinks,
  ListReceived,
  NewAttribution,
} from './attributions.schema.ts'
import { acceptProposal, refuseProposal } from './decide.ts'
import { listProposals } from './proposals.queries.ts'
import { AcceptProposal, AttributionProposalPage, ListProposals, ProposalId } from './proposals.schema.ts'

const viewerOf = (ctx: { readonly principal: { readonly userId: string } | undefined }) => ({
  viewerId: ctx.principal?.userId ?? null,
})

export const attributionsRouter = router({
  create: ownWriteProcedure
    .meta({
      summary: "Attributes a card to another, and pays the other's author. Takes an Idempotency-Key.",
      rest: ['POST /api/attributions'],
      example: { sourceCardId: exampleIds.card, targetCardId: exampleIds.ownCard, type: 'citation' },
      movesMoney: true,
    })
    .input(CreateAttribution)
    .output(NewAttribution)
    .mutation(({ ctx, input }) => attribute(ctx.db, ctx, toMoneyRequest(ctx, 'attributions.create', input), input)),

  byId: viewerProcedure
    .meta({
      summary: 'One attribution.',
      rest: ['GET /api/attributions/by-id/{id}'],
      example: { id: exampleIds.attribution },
    })
    .input(AttributionId)
    .output(Attribution)
    .query(({ ctx, input }) => getAttribution(ctx.db, { ...input, ...viewerOf(ctx) })),

  proposals: ownReadProcedure
    .meta({
      summary:
        'Attributions proposed to the caller: cards of others that one of theirs seems to have grown out of, newest first.',
      rest: ['GET /api/attributions/proposals'],
      example: { limit: 5 },
    })
    .input(ListProposals)
    .output(AttributionProposalPage)
    .query(({ ctx, input }) => listProposals(ctx.db, { ...input, userId: ctx.principal.userId })),

  acceptProposal: ownWriteProcedure
    .meta({
      summary: "Makes a proposed attribution, and pays the other's author. Takes an Idempotency-Key.",
      rest: ['POST /api/attributions/proposals/{id}/accept'],
      example: { id: exampleIds.proposal, type: 'citation' },
      movesMoney: true,
    })
    .input(AcceptProposal)
    .output(NewAttribution)
    .mutation(({ ctx, input }) =>
      acceptProposal(ctx.db, ctx, toMoneyRequest(ctx, 'attributions.acceptProposal', input), input),
    ),

  refuseProposal: ownWriteProcedure
    .meta({
      summary: 'Refuses a proposed attribution: it is not proposed again.',
      rest: ['POST /api/attributions/proposals/{id}/refuse'],
      example: { id: exampleIds.proposal },
    })
    .input(ProposalId)
    .output(ProposalId)
    .mutation(({ ctx, input }) => refuseProposal(ctx.db, ctx, input.id)),

  received: viewerProcedure
    .meta({
      summary: 'Attributions that earned a user tokens, newest first.',
      rest: ['GET /api/attributions/received/{userId}'],
      example: { userId: exampleIds.user },
    })
    .input(ListReceived)
    .output(AttributionPage)
    .query(({ ctx, input }) => listReceived(ctx.db, { ...input, ...viewerOf(ctx) })),

  backlinks: viewerProcedure
    .meta({
      summary: 'Attributions that cite, remix or answer a card, newest first.',
      rest: ['GET /api/attributions/{cardId}'],
      example: { cardId: exampleIds.card },
    })
    .input(ListBacklinks)
    .output(AttributionPage)
    .query(({ ctx, input }) => listBacklinks(ctx.db, { ...input, ...viewerOf(ctx) })),

  counts: viewerProcedure
    .meta({
      summary: 'How often a card is cited, remixed and answered, and what it earned.',
      rest: ['GET /api/attributions/{cardId}/counts'],
      example: { cardId: exampleIds.card },
    })
    .input(CountsOf)
    .output(AttributionCounts)
    .query(async ({ ctx, input: { cardId } }) => {
      await getCard(ctx.db, { id: cardId, ...viewerOf(ctx) }, 'cardId')
      return countBacklinks(ctx.db, { cardId, ...viewerOf(ctx) })
    }),

  graph: viewerProcedure
    .meta({
      summary: 'The cards around a card, to a depth of 3: what it builds on, and what builds on it.',
      rest: ['GET /api/attributions/{cardId}/graph'],
      example: { cardId: exampleIds.card, depth: 2 },
    })
    .input(AttributionGraphInput)
    .output(AttributionGraph)
    .query(async ({ ctx, input }) => {
      const graph = await getAttributionGraph(ctx.db, { ...input, ...viewerOf(ctx) })
      if (graph.nodes.length === 0) throw fieldError('not_found', 'cardId', 'no such card')
      return graph
    }),
})
