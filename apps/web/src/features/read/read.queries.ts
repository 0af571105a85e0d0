import { queryOptions } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export function contentOptions(id: string) {
  return queryOptions({
    queryKey: ['contents', 'byId', id],
    queryFn: ({ signal }) => client.contents.byId.query({ id }, { signal }),
  })
}

export function aliasesOptions(id: string) {
  return queryOptions({
    queryKey: ['contents', 'aliases', id],
    queryFn: ({ signal }) => client.contents.aliases.query({ id }, { signal }),
  })
}

/** For whoever has a key. */
export function originsOptions(id: string, key: string | undefined) {
  return queryOptions({
    queryKey: ['contents', 'origins', id, key],
    queryFn: ({ signal }) => client.contents.origins.query({ id }, { signal }),
  })
}

export function snapshotOptions(id: string) {
  return queryOptions({
    queryKey: ['contents', 'snapshot', id],
    queryFn: ({ signal }) => client.contents.snapshot.query({ id }, { signal }),
  })
}

export function similarOptions(id: string) {
  return queryOptions({
    queryKey: ['contents', 'similar', id],
    queryFn: ({ signal }) => client.contents.similar.query({ id, limit: 6 }, { signal }),
  })
}

export function byAuthorOptions(authorId: string, limit: number) {
  return queryOptions({
    queryKey: ['contents', 'byAuthor', authorId, limit],
    queryFn: ({ signal }) => client.contents.list.query({ authorId, limit }, { signal }),
  })
}

export function analysisOptions(id: string) {
  return queryOptions({
    queryKey: ['analysis', id],
    queryFn: ({ signal }) => client.analysis.byContent.query({ id }, { signal }),
    staleTime: 300_000,
  })
}
