import { useInfiniteQuery } from '@tanstack/react-query'
import { extropy } from './extropy.ts'

/** A list that goes on for as long as there is a next page. */
export function Contents() {
  const list = useInfiniteQuery(
    extropy.contents.list.infiniteQueryOptions({ limit: 5 }, { getNextPageParam: ({ nextCursor }) => nextCursor }),
  )
  return (
    <section aria-label="Contents">
      <ul>
        {list.data?.pages
          .flatMap(({ items }) => items)
          .map(({ id, title }) => (
            <li key={id}>{title}</li>
          ))}
      </ul>
      {list.hasNextPage && (
        <button type="button" onClick={() => list.fetchNextPage()}>
          More
        </button>
      )}
    </section>
  )
}
