import { type Inputs, isExtropyError, type Outputs } from '@extropy/client'
import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export type Source = Outputs['sources']['byId']
type SourcePage = Outputs['sources']['list']
type Platform = Source['platform']

export const platforms = ['web', 'rss', 'youtube', 'reddit', 'twitter'] as const satisfies readonly Platform[]

/** `failing` alone is asked for too: the list is by age, and what fails is to be seen first. */
export function sourcesOptions(status: 'failing' | undefined) {
  return infiniteQueryOptions({
    queryKey: ['sources', 'list', status],
    queryFn: ({ pageParam, signal }) =>
      client.sources.list.query(
        { limit: 100, ...(status && { status }), ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 30_000,
  })
}

export function sourceOptions(id: string) {
  return queryOptions({
    queryKey: ['sources', 'byId', id],
    queryFn: ({ signal }) => client.sources.byId.query({ id }, { signal }),
  })
}

export function fetchesOptions(id: string) {
  return infiniteQueryOptions({
    queryKey: ['sources', 'fetches', id],
    queryFn: ({ pageParam, signal }) =>
      client.sources.fetches.query({ id, limit: 50, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

/** A target and what became of it. */
export interface Followed {
  readonly target: string
  readonly added?: Outputs['sources']['create']
  readonly error?: unknown
}

/** One after the other, so that one that is not understood stops none of the others. */
export function useFollow() {
  const queries = useQueryClient()
  return useMutation({
    async mutationFn({ targets, platform }: { targets: readonly string[]; platform: Platform | undefined }) {
      const followed: Followed[] = []
      for (const target of targets) {
        const added = client.sources.create.mutate({ target, ...(platform && { platform }) })
        followed.push(
          await added.then(
            (source) => ({ target, added: source }),
            (error: unknown) => ({ target, error }),
          ),
        )
        const { error } = followed.at(-1) ?? {}
        if (isExtropyError(error) && error.data?.reason === 'unauthenticated') throw error
      }
      return followed
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }),
  })
}

export function useImportOpml() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (opml: string) => client.sources.importOpml.mutate({ opml }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }),
  })
}

type Change = Inputs['sources']['update']

/** Shown as changed at once; as it was again where the server refuses. */
export function useChangeSource() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: Change) => client.sources.update.mutate(change),
    async onMutate({ id, paused, ...change }) {
      await queries.cancelQueries({ queryKey: ['sources'] })
      const before = queries.getQueriesData({ queryKey: ['sources'] })
      const status = paused === undefined ? {} : { status: paused ? ('paused' as const) : ('active' as const) }
      const changed = (source: Source): Source =>
        source.id === id ? { ...source, ...(change as Partial<Source>), ...status } : source
      queries.setQueryData(sourceOptions(id).queryKey, (source) => source && changed(source))
      queries.setQueriesData(
        { queryKey: ['sources', 'list'] },
        inPages((items) => items.map(changed)),
      )
      return { before }
    },
    onError(_error, _change, context) {
      for (const [key, data] of context?.before ?? []) queries.setQueryData(key, data)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }),
  })
}

export function useRemoveSource() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.sources.delete.mutate({ id }),
    async onMutate(id) {
      await queries.cancelQueries({ queryKey: ['sources', 'list'] })
      const before = queries.getQueriesData({ queryKey: ['sources', 'list'] })
      queries.setQueriesData(
        { queryKey: ['sources', 'list'] },
        inPages((items) => items.filter((source) => source.id !== id)),
      )
      return { before }
    },
    onError(_error, _id, context) {
      for (const [key, data] of context?.before ?? []) queries.setQueryData(key, data)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources', 'list'] }),
  })
}

export function useRefreshSource() {
  return useMutation({ mutationFn: (id: string) => client.sources.refresh.mutate({ id }) })
}

function inPages(change: (items: Source[]) => Source[]) {
  return (data: InfiniteData<SourcePage, unknown> | undefined) =>
    data && { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) }
}
