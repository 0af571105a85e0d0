import './authors.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { PageFailure } from '../../frame/no-such-page.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { useText } from '../../text/text.ts'
import { AuthorPatterns } from '../patterns/author-patterns.tsx'
import { authorOptions, piecesOptions } from './authors.queries.ts'
import { RhythmChart } from './rhythm-chart.tsx'

const route = getRouteApi('/authors/$authorId')

export function AuthorPage() {
  const text = useText().authors
  const format = useFormat()
  const { authorId } = route.useParams()
  const { data: author, error, refetch } = useQuery(authorOptions(authorId))
  const pieces = useQuery(piecesOptions(authorId))
  useTitle(author?.displayName)
  if (error) return <PageFailure error={error} onRetry={refetch} />
  if (!author) return <Loading lines={8} />
  const newestFirst = pieces.data?.toSorted((a, b) => (b.publishedAt ?? '').localeCompare(a.publishedAt ?? ''))
  return (
    <div className="author">
      <div className="page-head">
        <div>
          <h1>{author.displayName}</h1>
          <p>
            {author.contentCount === 1 ? text.onePiece : text.pieces(format.number(author.contentCount))} ·{' '}
            {author.platform}
            {author.followerCount > 0 && ` · ${text.followers(format.number(author.followerCount))}`}
          </p>
          {author.bio && <p>{author.bio}</p>}
        </div>
        <Link to="/" search={{ author: author.displayName }}>
          {text.asked}
        </Link>
      </div>
      {pieces.error && <Failure error={pieces.error} onRetry={pieces.refetch} />}
      {pieces.isPending && <Loading lines={8} />}
      {newestFirst?.some(({ publishedAt }) => publishedAt !== null) && (
        <section aria-labelledby="rhythm">
          <h2 id="rhythm">{text.rhythm}</h2>
          <RhythmChart dates={newestFirst.map(({ publishedAt }) => publishedAt)} />
        </section>
      )}
      <section aria-labelledby="patterns">
        <h2 id="patterns">{text.patterns.title}</h2>
        <AuthorPatterns authorId={authorId} />
      </section>
      <section aria-labelledby="pieces">
        <h2 id="pieces">{text.all}</h2>
        {newestFirst?.length === 0 && <p className="quiet">{text.noPieces}</p>}
        <ol className="pieces">
          {newestFirst?.map(({ id, title, publishedAt }) => (
            <li key={id}>
              <Link to="/read/$contentId" params={{ contentId: id }}>
                {title}
              </Link>
              {publishedAt && <time dateTime={publishedAt}>{format.day(publishedAt)}</time>}
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}
