import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { useText } from '../../text/text.ts'
import { graphOptions, type WholeCard } from './cards.queries.ts'
import { GraphDrawing } from './graph-drawing.tsx'
import { GraphList } from './graph-list.tsx'

const route = getRouteApi('/cards/$cardId')

/** The cards around a card: a drawing for those who see it, and the same as a list. */
export function Neighbourhood({ card }: { card: WholeCard }) {
  const text = useText().cards.graph
  const format = useFormat()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const depth = Math.max(1, Math.min(3, Number(search.depth) || 1))
  const isList = search.as === 'list'
  const { data: graph, error, refetch, isPlaceholderData } = useQuery(graphOptions(card.id, depth))
  return (
    <section className="neighbourhood" aria-label={text.title}>
      <div className="neighbourhood-head">
        <h2>{text.title}</h2>
        <div className="row">
          <label className="depth">
            {text.depth}{' '}
            <input
              type="range"
              min={1}
              max={3}
              value={depth}
              aria-valuetext={format.number(depth)}
              onChange={(event) =>
                void navigate({ search: { ...search, depth: event.target.value }, replace: true, resetScroll: false })
              }
            />{' '}
            {depth}
          </label>
          <Link
            to="/cards/$cardId"
            params={{ cardId: card.id }}
            search={{ ...search, as: isList ? undefined : 'list' }}
            replace
            resetScroll={false}
          >
            {isList ? text.asGraph : text.asList}
          </Link>
        </div>
      </div>
      {error && <Failure error={error} onRetry={refetch} />}
      {!graph && !error && <Loading />}
      {graph && graph.nodes.length < 2 && <p className="quiet">{text.lone}</p>}
      {graph && graph.nodes.length >= 2 && (
        <div aria-busy={isPlaceholderData}>
          {isList ? (
            <GraphList nodes={graph.nodes} />
          ) : (
            <GraphDrawing nodes={graph.nodes} title={card.title} key={`${card.id} ${graph.nodes.length}`} />
          )}
          {graph.truncated && <p className="quiet">{text.truncated(graph.nodes.length)}</p>}
        </div>
      )}
    </section>
  )
}
