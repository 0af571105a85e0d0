import { exampleIds } from '../example-ids.ts'
import { openStream } from '../long-streams.ts'
import { ownReadProcedure, ownWriteProcedure, publicProcedure, router } from '../trpc.ts'
import { writeAtom } from './atom.ts'
import { createSubscription, deleteSubscription } from './subscriptions.commands.ts'
import { followSubscription } from './subscriptions.events.ts'
import { getSubscription, listChanges, listSubscriptions, readFeed } from './subscriptions.queries.ts'
import {
  ChangePage,
  CreateSubscription,
  Feed,
  FeedToken,
  FollowSubscription,
  ListChanges,
  ListSubscriptions,
  SubscriptionEvent,
  SubscriptionId,
  SubscriptionPage,
  SubscriptionWithAnswer,
} from './subscriptions.schema.ts'

export const subscriptionsRouter = router({
  list: ownReadProcedure
    .meta({ summary: 'Your subscriptions, newest first.', rest: ['GET /api/subscriptions'], example: { limit: 5 } })
    .input(ListSubscriptions)
    .output(SubscriptionPage)
    .query(({ ctx, input }) => listSubscriptions(ctx.db, ctx.principal.userId, input)),

  byId: ownReadProcedure
    .meta({
      summary: 'One of your subscriptions with its answer as it was last told.',
      rest: ['GET /api/subscriptions/{id}'],
      example: { id: exampleIds.subscription },
    })
    .input(SubscriptionId)
    .output(SubscriptionWithAnswer)
    .query(({ ctx, input: { id } }) => getSubscription(ctx.db, { id, userId: ctx.principal.userId })),

  changes: ownReadProcedure
    .meta({
      summary: 'The differences that were told, newest first: what is new, gone and changed, with receipts.',
      rest: ['GET /api/subscriptions/{id}/changes'],
      example: { id: exampleIds.subscription },
    })
    .input(ListChanges)
    .output(ChangePage)
    .query(async ({ ctx, input }) => {
      await getSubscription(ctx.db, { id: input.id, userId: ctx.principal.userId })
      return listChanges(ctx.db, input)
    }),

  events: ownReadProcedure
    .meta({
      summary: 'Each difference as it is told; resumable.',
      rest: ['GET /api/subscriptions/{id}/events'],
      example: { id: exampleIds.subscription, waitSeconds: 0 },
      streams: SubscriptionEvent,
    })
    .input(FollowSubscription)
    .query(({ ctx, input: { id, lastEventId, waitSeconds }, signal = new AbortController().signal }) =>
      openStream(ctx, (mayGoOn) =>
        followSubscription(
          ctx.db,
          { id, userId: ctx.principal.userId },
          { lastEventId, waitSeconds, signal: ctx.signal ?? signal, isStopping: ctx.isStopping, mayGoOn },
        ),
      ),
    ),

  feed: publicProcedure
    .meta({ summary: 'A subscription’s Atom feed, for whoever has its address: GET /feeds/{token}.', rest: [] })
    .input(FeedToken)
    .output(Feed)
    .query(async ({ ctx, input }) => ({ atom: writeAtom(await readFeed(ctx.db, input.token)) })),

  create: ownWriteProcedure
    .meta({
      summary: 'Watches an answer, a search or a source: what changes in it is told, and only that.',
      rest: ['POST /api/subscriptions'],
      example: { kind: 'answer', question: 'Who maintains ESLint?' },
    })
    .input(CreateSubscription)
    .output(SubscriptionWithAnswer)
    .mutation(({ ctx, input }) => createSubscription(ctx, input)),

  delete: ownWriteProcedure
    .meta({
      summary: 'Watches it no longer; its differences go with it.',
      rest: ['DELETE /api/subscriptions/{id}'],
      example: { id: exampleIds.subscription },
    })
    .input(SubscriptionId)
    .output(SubscriptionId)
    .mutation(({ ctx, input: { id } }) => deleteSubscription(ctx, { id, userId: ctx.principal.userId })),
})
