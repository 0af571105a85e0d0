import { hash } from 'node:crypto'

/** The fields of a ledger row that its hash covers: all of them, as this package reads them. */
export interface HashedMovement {
  readonly id: string
  readonly fromUserId: string | null
  readonly toUserId: string
  /** 8 decimal places, like both balances. */
  readonly amount: string
  readonly transactionType: string
  readonly cardId: string | null
  readonly attributionId: string | null
  readonly fromBalanceAfter: string | null
  readonly toBalanceAfter: string
  readonly idempotencyKey: string | null
  readonly fromSequence: string | null
  readonly toSequence: string
  readonly fromPreviousHash: Uint8Array | null
  readonly toPreviousHash: Uint8Array | null
  readonly createdAt: string
}

/**
 * The sha-256 of a ledger row. It covers the hash of the row before it in each account that it touches, so that no row
 * can be changed, removed or put in without every later row of those accounts giving it away.
 */
export function ledgerHash(row: HashedMovement): Buffer {
  const fields = [
    row.id,
    row.fromUserId,
    row.toUserId,
    row.amount,
    row.transactionType,
    row.cardId,
    row.attributionId,
    row.fromBalanceAfter,
    row.toBalanceAfter,
    row.idempotencyKey,
    row.fromSequence,
    row.toSequence,
    hex(row.fromPreviousHash),
    hex(row.toPreviousHash),
    row.createdAt,
  ]
  return hash('sha256', JSON.stringify(fields), 'buffer')
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
