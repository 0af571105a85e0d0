import { useText } from '../text/text.ts'

interface Pages {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  fetchNextPage(): unknown
}

/** The next page of a list, by a button: what is below the list stays reachable. */
export function More({ of }: { of: Pages }) {
  const text = useText().state
  if (!of.hasNextPage) return null
  return (
    <p className="more">
      <button type="button" disabled={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
        {of.isFetchingNextPage ? text.loading : text.more}
      </button>
    </p>
  )
}
