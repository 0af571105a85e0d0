import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export function authorsOptions(search: string) {
  return infiniteQueryOptions({
    queryKey: ['authors', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      client.authors.list.query(
        { limit: 60, ...(search && { search }), ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })
}

export function authorOptions(id: string) {
  return queryOptions({
    queryKey: ['authors', 'byId', id],
    queryFn: ({ signal }) => client.authors.byId.query({ id }, { signal }),
  })
}

/** The rhythm is drawn of so many: ten pages of a hundred. */
const mostPieces = 1000

export function piecesOptions(authorId: string) {
  return queryOptions({
    queryKey: ['contents', 'ofAuthor', authorId],
    async queryFn({ signal }) {
      const first = await client.contents.list.query({ authorId, limit: 100 }, { signal })
      const items = [...first.items]
      let cursor = first.nextCursor
      while (cursor !== null && items.length < mostPieces) {
        const page = await client.contents.list.query({ authorId, limit: 100, cursor }, { signal })
        items.push(...page.items)
        cursor = page.nextCursor
      }
      return items
    },
  })
}
