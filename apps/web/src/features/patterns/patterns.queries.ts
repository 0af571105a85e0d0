import type { Outputs } from '@extropy/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export type Pattern = Outputs['patterns']['list']['items'][number]
export type Timeline = Outputs['patterns']['timeline']

export const patternTypes = [
  'theme',
  'elaboration',
  'hook',
  'framework',
  'reprint',
] as const satisfies readonly Pattern['type'][]

export function patternsOptions(authorId: string) {
  return infiniteQueryOptions({
    queryKey: ['patterns', 'list', authorId],
    queryFn: ({ pageParam, signal }) =>
      client.patterns.list.query(
        { authorId, sort: 'confidence', limit: 100, ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function timelineOptions(id: string) {
  return queryOptions({
    queryKey: ['patterns', 'timeline', id],
    queryFn: ({ signal }) => client.patterns.timeline.query({ id }, { signal }),
  })
}
