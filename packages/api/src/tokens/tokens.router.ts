import { assertOwnOrAdmin } from '../auth/access.ts'
import { fieldError } from '../errors.ts'
import { exampleIds } from '../example-ids.ts'
import { adminProcedure, ownOrAdminReadProcedure, ownWriteProcedure, router } from '../trpc.ts'
import { toMoneyRequest } from './idempotency.ts'
import { getBalance, getTokenStats, listLedger } from './tokens.queries.ts'
import { AccountOf, Award, Balance, LedgerPage, ListLedger, Payment, TokenStats, Transfer } from './tokens.schema.ts'
export const tokensRouter = router({
  balance: ownOrAdminReadProcedure
    .meta({
      summary: 'The tokens in an account.',
      rest: ['GET /api/tokens/balance/{userId}'],
      example: { userId: exampleIds.user },
    })
    .input(AccountOf)
    .output(Balance)
    .query(({ ctx, input }) => {
      assertOwnOrAdmin(ctx.principal, input.userId)
      return getBalance(ctx.db, input.userId)
    }),

  ledger: ownOrAdminReadProcedure
    .meta({
      summary: 'The movements into and out of an account, newest first.',
      rest: ['GET /api/tokens/ledger/{userId}'],
      example: { userId: exampleIds.user, limit: 5 },
    })
    .input(ListLedger)
    .output(LedgerPage)
    .query(({ ctx, input }) => {
      assertOwnOrAdmin(ctx.principal, input.userId)
      return listLedger(ctx.db, input)
    }),

  stats: ownOrAdminReadProcedure
    .meta({
      summary: "An account's totals: earned, received, sent, attributed, paid.",
      rest: ['GET /api/tokens/stats/{userId}'],
      example: { userId: exampleIds.user },
    })
    .input(AccountOf)
    .output(TokenStats)
    .query(({ ctx, input }) => {
      assertOwnOrAdmin(ctx.principal, input.userId)
      return getTokenStats(ctx.db, input.userId)
    }),

  transfer: ownWriteProcedure
    .meta({
      summary: "Moves tokens from the caller's own account. Takes an Idempotency-Key.",
      rest: ['POST /api/tokens/transfer'],
      example: { toUserId: exampleIds.user, amount: '0.5' },
      movesMoney: true,
    })
    .input(Transfer)
    .output(Payment)
    .mutation(({ ctx, input }) => {
      const { userId } = ctx.principal
      if (input.toUserId === userId) throw fieldError('invalid_input', 'toUserId', 'is your own account')
      const request = toMoneyRequest(ctx, 'tokens.transfer', input)
      const payment = { action: 'tokens.transfer', from: userId, to: input.toUserId, amount: input.amount } as const
      return ctx.payments.pay(ctx.db, request, ctx, payment)
    }),

  award: adminProcedure
    .meta({
      summary: 'Mints tokens into an account. Takes an Idempotency-Key.',
      rest: ['POST /api/tokens/award'],
      example: { toUserId: exampleIds.user, amount: '10', reason: 'A prize' },
      movesMoney: true,
    })
    .input(Award)
    .output(Payment)
    .mutation(({ ctx, input: { toUserId, amount, reason } }) => {
      const request = toMoneyRequest(ctx, 'tokens.award', { toUserId, amount, reason })
      const details = reason === undefined ? {} : { reason }
      return ctx.payments.pay(ctx.db, request, ctx, {
        action: 'tokens.award',
        from: null,
        to: toUserId,
        amount,
        details,
      })
    }),
})
