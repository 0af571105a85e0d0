import { recordAct } from '../audit/audit.ts'
import { assertOwnOrAdmin } from '../auth/access.ts'
import { exampleIds } from '../example-ids.ts'
import { inTransaction } from '../transaction.ts'
import { ownOrAdminReadProcedure, ownOrAdminWriteProcedure, router } from '../trpc.ts'
import { assertMayGrant, insertKey, lockKey, revokeKey, rotateKey } from './api-keys.commands.ts'
import { listApiKeys } from './api-keys.queries.ts'
import { ApiKey, ApiKeyPage, CreateKey, KeyId, ListKeys, NewApiKey, RotateKey } from './api-keys.schema.ts'
export const apiKeysRouter = router({
  list: ownOrAdminReadProcedure
    .meta({
      summary: 'Keys, revoked ones too, newest first; never the key itself.',
      rest: ['GET /api/keys'],
      fromPrimary: true,
      example: { limit: 5 },
    })
    .input(ListKeys)
    .output(ApiKeyPage)
    .query(({ ctx, input }) => {
      const { userId = ctx.principal.userId } = input
      assertOwnOrAdmin(ctx.principal, userId)
      return listApiKeys(ctx.db, { ...input, userId })
    }),

  create: ownOrAdminWriteProcedure
    .meta({
      summary: 'Makes a key and shows it once, in this answer.',
      rest: ['POST /api/keys'],
      example: { name: 'laptop', scopes: ['read'] },
    })
    .input(CreateKey)
    .output(NewApiKey)
    .mutation(({ ctx, input }) => {
      const { userId = ctx.principal.userId } = input
      assertOwnOrAdmin(ctx.principal, userId)
      assertMayGrant(ctx.principal, input)
      return inTransaction(ctx.db, async (trx) => {
        const key = await insertKey(trx, { ...input, userId })
        const { id, prefix, scopes } = key
        await recordAct(trx, ctx, { action: 'keys.create', target: id, details: { userId, prefix, scopes } })
        return key
      })
    }),

  rotate: ownOrAdminWriteProcedure
    .meta({
      summary: 'Replaces a key: name, scopes, limit and expiry stay; the old one works beside it for a while.',
      rest: ['POST /api/keys/{id}/rotate'],
      example: { id: exampleIds.key, overlapSeconds: 3600 },
    })
    .input(RotateKey)
    .output(NewApiKey)
    .mutation(async ({ ctx, input: { id, overlapSeconds } }) => {
      const successor = await inTransaction(ctx.db, async (trx) => {
        const old = await lockKey(trx, ctx.principal, id)
        assertMayGrant(ctx.principal, old)
        const key = await rotateKey(trx, old, overlapSeconds)
        const details = { successor: key.id, overlapSeconds }
        await recordAct(trx, ctx, { action: 'keys.rotate', target: id, details })
        return key
      })
      await ctx.keys.forgetEverywhere()
      return successor
    }),

  revoke: ownOrAdminWriteProcedure
    .meta({
      summary: 'Revokes a key: when this answers, no server accepts it any more.',
      rest: ['DELETE /api/keys/{id}'],
      example: { id: exampleIds.key },
    })
    .input(KeyId)
    .output(ApiKey)
    .mutation(async ({ ctx, input: { id } }) => {
      const revoked = await inTransaction(ctx.db, async (trx) => {
        await lockKey(trx, ctx.principal, id)
        await recordAct(trx, ctx, { action: 'keys.revoke', target: id })
        return revokeKey(trx, id)
      })
      await ctx.keys.forgetEverywhere()
      return revoked
    }),
})
