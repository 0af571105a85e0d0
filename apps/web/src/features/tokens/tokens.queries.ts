import type { LedgerEntry, Outputs } from '@extropy/client'
import { withIdempotencyKey } from '@extropy/client'
import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { useRef } from 'react'
import { client } from '../../extropy.ts'
import { toAmount, units } from './amounts.ts'

type LedgerPage = Outputs['tokens']['ledger']
type LedgerType = LedgerEntry['type']

export const ledgerTypes = ['earn', 'transfer', 'attribution'] as const satisfies readonly LedgerType[]

export function statsOptions(userId: string) {
  return queryOptions({
    queryKey: ['tokens', 'stats', userId],
    queryFn: ({ signal }) => client.tokens.stats.query({ userId }, { signal }),
  })
}

export function ledgerOptions(userId: string, type: LedgerType | undefined) {
  return infiniteQueryOptions({
    queryKey: ['tokens', 'ledger', userId, type],
    queryFn: ({ pageParam, signal }) =>
      client.tokens.ledger.query(
        { userId, limit: 50, ...(type && { type }), ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function userOptions(id: string) {
  return queryOptions({
    queryKey: ['users', 'byId', id],
    queryFn: ({ signal }) => client.users.byId.query({ id }, { signal }),
    staleTime: 300_000,
  })
}

interface Transfer {
  readonly toUserId: string
  readonly amount: string
}

/** The row of a transfer that the server has not confirmed yet. */
export const pendingId = 'pending'

/** Shown at once, taken back where the server refuses; sent again after a failure, it pays once. */
export function useTransfer(userId: string) {
  const queries = useQueryClient()
  const attempt = useRef({ of: '', key: '' })
  return useMutation({
    mutationFn(transfer: Transfer) {
      const of = JSON.stringify(transfer)
      if (attempt.current.of !== of) attempt.current = { of, key: crypto.randomUUID() }
      return client.tokens.transfer.mutate({ ...transfer }, withIdempotencyKey(attempt.current.key))
    },
    async onMutate({ toUserId, amount }) {
      await queries.cancelQueries({ queryKey: ['tokens'] })
      const before = queries.getQueriesData({ queryKey: ['tokens'] })
      const stats = queries.getQueryData(statsOptions(userId).queryKey)
      if (stats === undefined) return { before }
      const balance = toAmount(units(stats.balance) - units(amount))
      queries.setQueryData(statsOptions(userId).queryKey, { ...stats, balance })
      const row: LedgerEntry = {
        id: pendingId,
        type: 'transfer',
        amount: toAmount(units(amount)),
        fromUserId: userId,
        toUserId,
        cardId: null,
        attributionId: null,
        balanceAfter: balance,
        createdAt: new Date().toISOString(),
      }
      for (const type of [undefined, 'transfer'] as const) {
        queries.setQueryData(
          ledgerOptions(userId, type).queryKey,
          (data: InfiniteData<LedgerPage, unknown> | undefined) =>
            data && { ...data, pages: withFirst(data.pages, row) },
        )
      }
      return { before }
    },
    onError(_error, _transfer, context) {
      for (const [key, data] of context?.before ?? []) queries.setQueryData(key, data)
    },
    onSuccess() {
      attempt.current = { of: '', key: '' }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
}

function withFirst(pages: readonly LedgerPage[], row: LedgerEntry): LedgerPage[] {
  return pages.map((page, index) => (index === 0 ? { ...page, items: [row, ...page.items] } : page))
}
