import { z } from 'zod'
import { Id } from '../id.ts'
import { decodeReceiptId, receiptParts } from './receipt-id.ts'

/** The ground of an answer's sentence, as it was read. */
export const Receipt = z
  .object({
    id: z.string().describe('For GET /api/receipts/{id}: says all of the below by itself, nothing is stored'),
    passageId: z.string(),
    contentId: Id,
    part: z.enum(receiptParts).describe("text: the content's own text; otherwise another of its fields"),
    start: z.number().int().describe("In UTF-16 units of the content's text; 0 for another field"),
    end: z.number().int().describe('Behind the last unit'),
    contentHash: z.string().describe('Of the whole content, when it was read'),
    readAt: z.string().describe('When the source was read'),
  })
  .meta({ id: 'Receipt' })
export type Receipt = z.output<typeof Receipt>

export const ReceiptId = z.object({
  id: z
    .string()
    .max(200)
    .refine((id) => decodeReceiptId(id) !== undefined, 'is no receipt: copy it whole from a sentence of an answer'),
})

const receiptStatuses = ['unchanged', 'changed', 'gone'] as const

export const CheckedReceipt = Receipt.omit({ contentHash: true }).extend({
  status: z
    .enum(receiptStatuses)
    .describe(
      'unchanged: the content still says this, here or elsewhere; changed: it does not; gone: there is no such content',
    ),
  contentChanged: z.boolean().describe('Whether anything of the content has changed, or all of it is gone'),
  source: z.string().nullable().describe('What stands there now, as it is stored; null unless unchanged'),
  title: z.string().nullable(),
  sourceUrl: z.string().nullable(),
})
export type CheckedReceipt = z.output<typeof CheckedReceipt>
