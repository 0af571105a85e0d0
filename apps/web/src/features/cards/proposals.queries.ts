import type { Outputs } from '@extropy/client'
import { withIdempotencyKey } from '@extropy/client'
import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { client } from '../../extropy.ts'
import { toAmount, units } from '../tokens/amounts.ts'
import { statsOptions } from '../tokens/tokens.queries.ts'
import { type AttributionType, prices, useChanged } from './cards.queries.ts'

export type Proposal = Outputs['attributions']['proposals']['items'][number]

export function proposalsOptions(userId: string) {
  return infiniteQueryOptions({
    queryKey: ['attributions', 'proposals', userId],
    queryFn: ({ pageParam, signal }) =>
      client.attributions.proposals.query({ limit: 20, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

interface Accepting {
  readonly proposal: Proposal
  readonly type: AttributionType
}

/** What is decided is gone at once, and its price paid; both are as before where the server refuses, whatever else is on its way. */
export function useDecide(userId: string) {
  const queries = useQueryClient()
  const changed = useChanged()
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set())
  // One key for each thing to be done, however often it is tried and whatever is done between.
  const keys = useRef(new Map<string, string>())
  const keyFor = (name: string) => {
    const key = keys.current.get(name) ?? crypto.randomUUID()
    keys.current.set(name, key)
    return key
  }
  const hide = (id: string) => setDecided((before) => new Set([...before, id]))
  const show = (id: string) => setDecided((before) => new Set([...before].filter((each) => each !== id)))
  const pay = (amount: bigint) =>
    queries.setQueryData(
      statsOptions(userId).queryKey,
      (stats) => stats && { ...stats, balance: toAmount(units(stats.balance) - amount) },
    )
  const accept = useMutation({
    mutationFn: ({ proposal: { id }, type }: Accepting) =>
      client.attributions.acceptProposal.mutate({ id, type }, withIdempotencyKey(keyFor(`${id} ${type}`))),
    async onMutate({ proposal, type }) {
      hide(proposal.id)
      await queries.cancelQueries({ queryKey: ['tokens'] })
      pay(units(prices[type]))
    },
    onError(_error, { proposal, type }) {
      show(proposal.id)
      pay(-units(prices[type]))
    },
    onSettled: changed,
  })
  const refuse = useMutation({
    mutationFn: ({ id }: Proposal) => client.attributions.refuseProposal.mutate({ id }),
    onMutate: ({ id }) => hide(id),
    onError: (_error, { id }) => show(id),
    onSettled: changed,
  })
  return { decided, accept, refuse }
}
