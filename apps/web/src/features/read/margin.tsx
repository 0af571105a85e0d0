import type { Outputs } from '@extropy/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { markOf } from './mark.ts'
import { byAuthorOptions, similarOptions } from './read.queries.ts'

type Content = Outputs['contents']['byId']

const Origins = lazy(() => import('./origins.tsx').then((module) => ({ default: module.Origins })))
// It comes after the text: it looks its findings up in what is shown.
const AnalysisView = lazy(() => import('./analysis-view.tsx').then(({ AnalysisView }) => ({ default: AnalysisView })))

/** Beside the text: where it came from, what is like it, what else its author wrote. */
export function Margin({ content }: { content: Content }) {
  const text = useText().read
  const format = useFormat()
  const { data: similar } = useQuery(similarOptions(content.id))
  const [author] = content.authors
  return (
    <aside className="margin">
      <section>
        <h2 className="small-title">{text.source}</h2>
        <dl className="facts">
          <div>
            <dt>{text.original}</dt>
            <dd>
              {/^https?:/.test(content.sourceUrl) ? (
                <a href={content.sourceUrl} rel="noopener noreferrer nofollow">
                  {hostOf(content.sourceUrl)}
                </a>
              ) : (
                content.sourceUrl
              )}{' '}
              <small>{content.platform}</small>
            </dd>
          </div>
          <div>
            <dt>{text.taken}</dt>
            <dd>{format.time(content.scrapedAt)}</dd>
          </div>
        </dl>
        <Suspense>
          <Origins contentId={content.id} />
        </Suspense>
        {content.tags.length > 0 && (
          <ul className="tags" aria-label={text.tags}>
            {content.tags.slice(0, 12).map((tag) => (
              <li key={tag}>
                <Link to="/" search={{ q: tag, tags: tag }}>
                  {tag}
                </Link>
              </li>
            ))}
          </ul>
        )}
        <p>
          <Link to="/cards/new" search={{ about: content.id }}>
            {text.cardAbout}
          </Link>
        </p>
      </section>
      {content.body.trim() !== '' && (
        <Suspense>
          <AnalysisView contentId={content.id} body={content.body} />
        </Suspense>
      )}
      <section>
        <h2 className="small-title">{text.similar}</h2>
        {similar?.items.length === 0 && <p className="quiet">{text.noSimilar}</p>}
        <ul className="links">
          {similar?.items.map(({ id, title, author: by, passage }) => (
            <li key={id}>
              <Link to="/read/$contentId" params={{ contentId: id }} search={{ mark: markOf(passage.text) }}>
                {title}
              </Link>
              <small>{by}</small>
            </li>
          ))}
        </ul>
      </section>
      {author && <OthersBy authorId={author.id} name={author.displayName} except={content.id} />}
    </aside>
  )
}

function OthersBy({ authorId, name, except }: { authorId: string; name: string; except: string }) {
  const text = useText().read
  const format = useFormat()
  const { data } = useQuery(byAuthorOptions(authorId, 7))
  const others = data?.items.filter(({ id }) => id !== except).slice(0, 6) ?? []
  if (others.length === 0) return null
  return (
    <section>
      <h2 className="small-title">{text.others(name)}</h2>
      <ul className="links">
        {others.map(({ id, title, publishedAt }) => (
          <li key={id}>
            <Link to="/read/$contentId" params={{ contentId: id }}>
              {title}
            </Link>
            {publishedAt && <small>{format.month(publishedAt)}</small>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^www\./, '') ?? url
}
