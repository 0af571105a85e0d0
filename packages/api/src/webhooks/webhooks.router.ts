import { exampleIds } from '../example-ids.ts'
import { inTransaction } from '../transaction.ts'
import { ownReadProcedure, ownWriteProcedure, router } from '../trpc.ts'
import {
  assertPublicUrl,
  createWebhook,
  deleteWebhook,
  replay,
  rotateSecret,
  testWebhook,
  updateWebhook,
} from './webhooks.commands.ts'
import { getWebhook, listDeliveries, listWebhooks } from './webhooks.queries.ts'
import {
  CreateWebhook,
  DeliveryPage,
  ListDeliveries,
  ListWebhooks,
  Replay,
  Replayed,
  RotateSecret,
  Tested,
  UpdateWebhook,
  Webhook,
  WebhookId,
  WebhookPage,
  WebhookWithSecret,
} from './webhooks.schema.ts'

export const webhooksRouter = router({
  list: ownReadProcedure
    .meta({ summary: 'Your webhooks, newest first.', rest: ['GET /api/webhooks'], example: { limit: 5 } })
    .input(ListWebhooks)
    .output(WebhookPage)
    .query(({ ctx, input }) => listWebhooks(ctx.db, ctx.principal.userId, input)),

  byId: ownReadProcedure
    .meta({ summary: 'One of your webhooks.', rest: ['GET /api/webhooks/{id}'], example: { id: exampleIds.webhook } })
    .input(WebhookId)
    .output(Webhook)
    .query(({ ctx, input: { id } }) => getWebhook(ctx.db, { id, userId: ctx.principal.userId })),

  deliveries: ownReadProcedure
    .meta({
      summary: 'What was and will be sent to a webhook, newest first, with what came of each attempt.',
      rest: ['GET /api/webhooks/{id}/deliveries'],
      example: { id: exampleIds.webhook },
    })
    .input(ListDeliveries)
    .output(DeliveryPage)
    .query(async ({ ctx, input }) => {
      await getWebhook(ctx.db, { id: input.id, userId: ctx.principal.userId })
      const { items, nextCursor } = await listDeliveries(ctx.db, input)
      return { items: items.map((item) => ({ ...item, log: [...item.log] })), nextCursor }
    }),

  create: ownWriteProcedure
    .meta({
      summary: 'An address that is told what happens, signed as Standard Webhooks has it; the secret is shown once.',
      rest: ['POST /api/webhooks'],
      example: { url: 'https://example.org/hook', events: ['research.completed'] },
    })
    .input(CreateWebhook)
    .output(WebhookWithSecret)
    .mutation(async ({ ctx, input }) => {
      await assertPublicUrl(ctx.intake, input.url)
      return inTransaction(ctx.db, (trx) => createWebhook(trx, ctx.principal.userId, input))
    }),

  update: ownWriteProcedure
    .meta({
      summary: 'Changes what is named of a webhook; active lets a disabled one go on.',
      rest: ['PATCH /api/webhooks/{id}'],
      example: { id: exampleIds.webhook, status: 'active' },
    })
    .input(UpdateWebhook)
    .output(Webhook)
    .mutation(async ({ ctx, input }) => {
      await assertPublicUrl(ctx.intake, input.url)
      return inTransaction(ctx.db, (trx) => updateWebhook(trx, ctx.principal.userId, input))
    }),

  delete: ownWriteProcedure
    .meta({
      summary: 'Deletes a webhook with all that waits for it.',
      rest: ['DELETE /api/webhooks/{id}'],
      example: { id: exampleIds.webhook },
    })
    .input(WebhookId)
    .output(WebhookId)
    .mutation(({ ctx, input: { id } }) =>
      inTransaction(ctx.db, (trx) => deleteWebhook(trx, { id, userId: ctx.principal.userId })),
    ),

  rotate: ownWriteProcedure
    .meta({
      summary: 'A new secret, shown once; the old one signs beside it for a while.',
      rest: ['POST /api/webhooks/{id}/rotate'],
      example: { id: exampleIds.webhook },
    })
    .input(RotateSecret)
    .output(WebhookWithSecret)
    .mutation(({ ctx, input }) => inTransaction(ctx.db, (trx) => rotateSecret(trx, ctx.principal.userId, input))),

  test: ownWriteProcedure
    .meta({
      summary: 'Sends a webhook a test message; its deliveries say what came of it.',
      rest: ['POST /api/webhooks/{id}/test'],
      example: { id: exampleIds.webhook },
    })
    .input(WebhookId)
    .output(Tested)
    .mutation(({ ctx, input: { id } }) =>
      inTransaction(ctx.db, (trx) => testWebhook(trx, { id, userId: ctx.principal.userId })),
    ),

  replay: ownWriteProcedure
    .meta({
      summary: 'Sends again, in their order, the deliveries behind a sequence: all of them, or only dead ones.',
      rest: ['POST /api/webhooks/{id}/replay'],
      example: { id: exampleIds.webhook, after: '0', onlyDead: true },
    })
    .input(Replay)
    .output(Replayed)
    .mutation(({ ctx, input }) => inTransaction(ctx.db, (trx) => replay(trx, ctx.principal.userId, input))),
})
