import { exampleIds } from '../example-ids.ts'
import { publicProcedure, router } from '../trpc.ts'
import { encodeReceiptId, fingerprint } from './receipt-id.ts'
import { CheckedReceipt, ReceiptId } from './receipts.schema.ts'
import { checkReceipt } from './receipts.ts'

/** The answer for a content that is not there: `gone`. */
const exampleReceipt = encodeReceiptId({
  contentId: exampleIds.content,
  ordinal: 0,
  part: 'text',
  start: 0,
  end: 12,
  readAt: 0,
  contentPrint: fingerprint(''),
  sourcePrint: fingerprint(''),
})

export const receiptsRouter = router({
  byId: publicProcedure
    .meta({
      summary: 'Whether what a sentence of an answer stands on is still there: unchanged, changed or gone.',
      rest: ['GET /api/receipts/{id}'],
      example: { id: exampleReceipt },
    })
    .input(ReceiptId)
    .output(CheckedReceipt)
    .query(({ ctx, input }) => checkReceipt(ctx.db, input.id)),
})
