import './authors.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useLater } from '../../frame/use-later.ts'
import { useTitle } from '../../frame/use-title.ts'
import { useText } from '../../text/text.ts'
import { authorsOptions } from './authors.queries.ts'

const route = getRouteApi('/authors')

export function AuthorsPage() {
  const text = useText().authors
  const format = useFormat()
  const { find = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(authorsOptions(useLater(find.trim(), 120)))
  useTitle(text.title)
  const authors = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{text.title}</h1>
          <p>{text.lead}</p>
        </div>
        <search>
          <input
            type="search"
            aria-label={text.search}
            placeholder={text.search}
            value={find}
            onChange={(event) => void navigate({ search: { find: event.target.value }, replace: true })}
          />
        </search>
      </div>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading lines={8} />}
      {query.data && authors.length === 0 && <p className="quiet">{text.none}</p>}
      <ul className="authors">
        {authors.map(({ id, displayName, platform, contentCount, followerCount, bio }) => (
          <li key={id}>
            <Link to="/authors/$authorId" params={{ authorId: id }}>
              {displayName}
            </Link>
            <small>
              {contentCount === 1 ? text.onePiece : text.pieces(format.number(contentCount))} · {platform}
              {followerCount > 0 && ` · ${text.followers(format.number(followerCount))}`}
            </small>
            {bio && <p>{bio}</p>}
          </li>
        ))}
      </ul>
      <More of={query} />
    </>
  )
}
