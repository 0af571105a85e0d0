import type { Card, Inputs, Outputs } from '@extropy/client'
import { withIdempotencyKey } from '@extropy/client'
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { useRef } from 'react'
import { client } from '../../extropy.ts'

export type WholeCard = Outputs['cards']['byId']
export type Draft = Inputs['cards']['draft']
export type PrivacyLevel = Draft['privacyLevel']
export type AttributionType = Inputs['attributions']['create']['type']

/** Only these may be published; cards of the other levels never leave their owner. */
export const publishable: readonly PrivacyLevel[] = ['IDEAS', 'BUSINESS']
export const privacyLevels: readonly PrivacyLevel[] = [
  'IDEAS',
  'BUSINESS',
  'THOUGHTS',
  'JOURNAL',
  'PERSONAL',
  'PRIVATE',
]
export const attributionTypes: readonly AttributionType[] = ['citation', 'remix', 'reply']
export const prices: Readonly<Record<AttributionType, string>> = { citation: '0.1', remix: '0.5', reply: '0.05' }

export function publishedOptions(filter: { search?: string | undefined; tag?: string | undefined }) {
  return infiniteQueryOptions({
    queryKey: ['cards', 'published', filter],
    queryFn: ({ pageParam, signal }) =>
      client.cards.list.query(
        {
          limit: 30,
          ...(filter.search && { search: filter.search }),
          ...(filter.tag && { tag: filter.tag }),
          ...(pageParam && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })
}

export function mineOptions(userId: string) {
  return infiniteQueryOptions({
    queryKey: ['cards', 'mine', userId],
    queryFn: ({ pageParam, signal }) =>
      client.cards.mine.query({ limit: 30, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

/** One's own are found too, so that the answer is the key's. */
export function cardOptions(id: string, key: string | undefined) {
  return queryOptions({
    queryKey: ['cards', 'byId', id, key],
    queryFn: ({ signal }) => client.cards.byId.query({ id }, { signal }),
  })
}

export function countsOptions(cardId: string) {
  return queryOptions({
    queryKey: ['attributions', 'counts', cardId],
    queryFn: ({ signal }) => client.attributions.counts.query({ cardId }, { signal }),
  })
}

export function backlinksOptions(cardId: string) {
  return infiniteQueryOptions({
    queryKey: ['attributions', 'backlinks', cardId],
    queryFn: ({ pageParam, signal }) =>
      client.attributions.backlinks.query({ cardId, limit: 20, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

/** More would be a ball of wool, and take longer to lay out than anybody waits. */
const mostNodes = 150

export function graphOptions(cardId: string, depth: number) {
  return queryOptions({
    queryKey: ['attributions', 'graph', cardId, depth],
    queryFn: ({ signal }) => client.attributions.graph.query({ cardId, depth, maxNodes: mostNodes }, { signal }),
    placeholderData: keepPreviousData,
  })
}

/** One key for each thing to be done, however often it is tried. */
function useAttempt() {
  const attempt = useRef({ of: '', key: '' })
  return {
    keyFor(input: unknown): string {
      const of = JSON.stringify(input)
      if (attempt.current.of !== of) attempt.current = { of, key: crypto.randomUUID() }
      return attempt.current.key
    },
    done() {
      attempt.current = { of: '', key: '' }
    },
  }
}

/** Everything that publishing, attributing or deciding may change. */
export function useChanged() {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      ['cards', 'attributions', 'tokens', 'me'].map((name) => queries.invalidateQueries({ queryKey: [name] })),
    )
}

export function usePublish() {
  const changed = useChanged()
  const attempt = useAttempt()
  return useMutation({
    mutationFn: (input: Inputs['cards']['publish']) =>
      client.cards.publish.mutate(input, withIdempotencyKey(attempt.keyFor(input))),
    onSuccess: attempt.done,
    onSettled: changed,
  })
}

export function useSave() {
  const changed = useChanged()
  return useMutation({
    mutationFn: ({ id, ...card }: Draft & { id?: string | undefined }) =>
      id === undefined ? client.cards.draft.mutate(card) : client.cards.edit.mutate({ id, ...card }),
    onSettled: changed,
  })
}

export function useAttribute() {
  const changed = useChanged()
  const attempt = useAttempt()
  return useMutation({
    mutationFn: (input: Inputs['attributions']['create']) =>
      client.attributions.create.mutate(input, withIdempotencyKey(attempt.keyFor(input))),
    onSuccess: attempt.done,
    onSettled: changed,
  })
}

/** Gone from the page at once; there again where the server refuses. */
export function useUnpublish(card: WholeCard, key: string | undefined) {
  const queries = useQueryClient()
  const changed = useChanged()
  const { queryKey } = cardOptions(card.id, key)
  return useMutation({
    mutationFn: () => client.cards.unpublish.mutate({ id: card.id }),
    async onMutate() {
      await queries.cancelQueries({ queryKey })
      queries.setQueryData(queryKey, { ...card, isPublished: false, publishedAt: null })
    },
    onError: () => queries.setQueryData(queryKey, card),
    onSettled: changed,
  })
}

/** The page is left, and its card not asked for again: it would not be found. */
export function useDelete(leave: () => Promise<unknown>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.cards.delete.mutate({ id }),
    async onSuccess({ id }) {
      await leave()
      const shows = ['cards', 'attributions', 'tokens', 'me']
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => shows.includes(String(queryKey[0])) && !queryKey.includes(id),
      })
    },
  })
}

export type ListedCard = Card | Outputs['cards']['mine']['items'][number]
