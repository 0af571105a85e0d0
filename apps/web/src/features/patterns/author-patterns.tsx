import './patterns.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useText } from '../../text/text.ts'
import { type Pattern, patternsOptions, patternTypes } from './patterns.queries.ts'
import { TimelineView } from './timeline.tsx'

const route = getRouteApi('/authors/$authorId')

/** What an author comes back to, by kind; each opens to its passages, and its address can be sent. */
export function AuthorPatterns({ authorId }: { authorId: string }) {
  const text = useText().authors.patterns
  const { pattern: open } = route.useSearch()
  const query = useInfiniteQuery(patternsOptions(authorId))
  const patterns = query.data?.pages.flatMap(({ items }) => items) ?? []
  const byType = Map.groupBy(patterns, ({ type }) => type)
  return (
    <>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading />}
      {query.data && patterns.length === 0 && <p className="quiet">{text.none}</p>}
      {patternTypes
        .filter((type) => byType.has(type))
        .map((type) => (
          <div key={type} className="patterns">
            <h3>{text.types[type]}</h3>
            <ul>
              {byType.get(type)?.map((pattern) => (
                <PatternRow key={pattern.id} of={pattern} isOpen={pattern.id === open} />
              ))}
            </ul>
          </div>
        ))}
      <More of={query} />
    </>
  )
}

function PatternRow({
  of: { id, authorId, type, description, confidenceScore },
  isOpen,
}: {
  of: Pattern
  isOpen: boolean
}) {
  const text = useText().authors.patterns
  const format = useFormat()
  return (
    <li>
      <Link
        to="/authors/$authorId"
        params={{ authorId }}
        search={{ pattern: isOpen ? undefined : id }}
        resetScroll={false}
        aria-expanded={isOpen}
        className="pattern"
        activeProps={{ 'aria-current': undefined }}
      >
        {description}
      </Link>{' '}
      <small>{text.sure(format.percent(Math.round(confidenceScore * 100) / 100))}</small>
      {isOpen && (
        <section aria-label={type === 'elaboration' ? text.life : text.passages}>
          <TimelineView id={id} />
        </section>
      )}
    </li>
  )
}
