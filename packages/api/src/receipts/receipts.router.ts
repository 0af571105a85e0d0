import { publicProcedure, router } from '../trpc.ts'
import { CheckedReceipt, ReceiptId } from './receipts.schema.ts'
import { checkReceipt } from './receipts.ts'

export const receiptsRouter = router({
  byId: publicProcedure
    .meta({
      summary: 'Whether what a sentence of an answer stands on is still there: unchanged, changed or gone.',
      rest: ['GET /api/receipts/{id}'],
    })
    .input(ReceiptId)
    .output(CheckedReceipt)
    .query(({ ctx, input }) => checkReceipt(ctx.db, input.id)),
})
