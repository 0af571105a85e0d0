import { transactionTypes } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { Amount } from './amount.ts'

export const AccountOf = z.strictObject({ userId: Id })

export const ListLedger = listInput({
  userId: Id,
  type: z.enum(transactionTypes).optional().describe('Only movements of this kind'),
})

export const Transfer = z.strictObject({ toUserId: Id, amount: Amount })

export const Award = z.strictObject({
  toUserId: Id,
  amount: Amount,
  reason: cleanText(500).trim().min(1).optional().describe('Kept in the audit log'),
})

const tokens = z.string().describe('A decimal string with 8 places')

export const Balance = z.object({ userId: Id, balance: tokens }).meta({ id: 'Balance' })

export const LedgerEntry = z
  .object({
    id: Id,
    type: z.enum(transactionTypes),
    amount: tokens,
    fromUserId: Id.nullable().describe('Null: minted'),
    toUserId: Id,
    cardId: Id.nullable(),
    attributionId: Id.nullable(),
    balanceAfter: tokens,
    createdAt: z.string(),
  })
  .meta({ id: 'LedgerEntry' })

export const LedgerPage = pageOf(LedgerEntry)

export const TokenStats = z
  .object({
    userId: Id,
    balance: tokens,
    earned: tokens.describe('Minted: rewards and awards'),
    received: tokens.describe('By transfers'),
    sent: tokens,
    attributed: tokens.describe('By attributions of own cards'),
    paid: tokens.describe('For attributions of others’ cards'),
    movements: z.number().int(),
  })
  .meta({ id: 'TokenStats' })

export const Payment = z
  .object({
    id: Id,
    fromUserId: Id.nullable().describe('Null: minted'),
    toUserId: Id,
    amount: tokens,
    type: z.enum(['earn', 'transfer']),
    balanceAfter: tokens.nullable().describe("The payer's own; null for an award"),
    createdAt: z.string(),
  })
  .meta({ id: 'Payment' })
