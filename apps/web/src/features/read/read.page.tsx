import './read.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useCanGoBack, useRouter } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useFormat } from '../../format.ts'
import { Loading } from '../../frame/loading.tsx'
import { PageFailure } from '../../frame/no-such-page.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { useText } from '../../text/text.ts'
import { Margin } from './margin.tsx'
import { findMark, readPlace } from './mark.ts'
import { MarkdownView } from './markdown-view.tsx'
import { contentOptions } from './read.queries.ts'

const route = getRouteApi('/read/$contentId')

export function ReadPage() {
  const text = useText()
  const format = useFormat()
  const { contentId } = route.useParams()
  const { at, mark } = route.useSearch()
  const router = useRouter()
  const canGoBack = useCanGoBack()
  const { data: content, error, refetch } = useQuery(contentOptions(contentId))
  const [isMarked, setIsMarked] = useState(true)
  useTitle(content?.title)
  if (error) return <PageFailure error={error} onRetry={refetch} />
  if (!content) return <Loading lines={12} />
  const asked = at ?? mark
  const span = at === undefined ? findMark(content.body, mark ?? '') : readPlace(at, content.body)
  return (
    <div className="read">
      <article lang={undefined}>
        <header className="read-head">
          {canGoBack && (
            <button type="button" className="link" onClick={() => router.history.back()}>
              ← {text.read.back}
            </button>
          )}
          <h1 dir="auto">{content.title}</h1>
          <p className="byline">
            {content.authors.length === 0
              ? content.author
              : content.authors.map(({ id, displayName }, index) => (
                  <span key={id}>
                    {index > 0 && ', '}
                    <Link to="/authors/$authorId" params={{ authorId: id }}>
                      {displayName}
                    </Link>
                  </span>
                ))}
            {content.publishedAt && <time dateTime={content.publishedAt}>{format.day(content.publishedAt)}</time>}
          </p>
          {asked !== undefined && (span === undefined || !isMarked) && <p className="notice">{text.read.lost}</p>}
        </header>
        <Suspense fallback={<Loading lines={12} />}>
          <MarkdownView key={content.id} text={content.body} mark={span} onMarked={setIsMarked} />
        </Suspense>
        {content.body.trim() === '' && <p className="quiet">{text.read.empty}</p>}
      </article>
      <Margin content={content} />
    </div>
  )
}
