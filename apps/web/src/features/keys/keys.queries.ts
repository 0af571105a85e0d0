import type { Inputs, Outputs } from '@extropy/client'
import { type InfiniteData, infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export type Key = Outputs['keys']['list']['items'][number]
type KeyPage = Outputs['keys']['list']

export function keysOptions(userId: string) {
  return infiniteQueryOptions({
    queryKey: ['keys', 'list', userId],
    queryFn: ({ pageParam, signal }) =>
      client.keys.list.query({ limit: 50, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function useMakeKey() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: Inputs['keys']['create']) => client.keys.create.mutate(input),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
}

/** How long the old key works beside its successor: time enough to put the new one in its place. */
const overlapSeconds = 3600

export function useRotateKey() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.keys.rotate.mutate({ id, overlapSeconds }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
}

/** Shown as revoked at once; shown as it was again where the server refuses. */
export function useRevokeKey(userId: string) {
  const queries = useQueryClient()
  const { queryKey } = keysOptions(userId)
  return useMutation({
    mutationFn: (id: string) => client.keys.revoke.mutate({ id }),
    async onMutate(id) {
      await queries.cancelQueries({ queryKey })
      const before = queries.getQueryData(queryKey)
      queries.setQueryData(queryKey, (data: InfiniteData<KeyPage, unknown> | undefined) => {
        if (data === undefined) return data
        const revoke = (key: Key) => (key.id === id ? { ...key, isRevoked: true, isActive: false } : key)
        return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(revoke) })) }
      })
      return { before }
    },
    onError: (_error, _id, context) => queries.setQueryData(queryKey, context?.before),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
}
