import './cards.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useLater } from '../../frame/use-later.ts'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useMe } from '../../session/use-me.ts'
import { useText } from '../../text/text.ts'
import { CardItem } from './card-item.tsx'
import { mineOptions, publishedOptions } from './cards.queries.ts'
import { proposalsOptions } from './proposals.queries.ts'
import { Proposals } from './proposals.tsx'

const route = getRouteApi('/cards')

export function CardsPage() {
  const text = useText().cards
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const isMine = search.of === 'mine'
  useTitle(text.title)
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{text.title}</h1>
          <p>{text.lead}</p>
        </div>
        <Link to="/cards/new" className="button">
          {text.write}
        </Link>
      </div>
      <nav className="tabs" aria-label={text.title}>
        {([undefined, 'mine'] as const).map((of) => (
          <Link
            key={of ?? 'all'}
            to="/cards"
            search={{ of }}
            className={of === search.of ? 'active' : ''}
            activeProps={{ 'aria-current': of === search.of ? 'page' : undefined }}
          >
            {of === 'mine' ? text.mine : text.published}
            {of === 'mine' && <ProposalCount />}
          </Link>
        ))}
      </nav>
      {isMine ? (
        <NeedsKey>
          {(me) => (
            <>
              <Proposals key={me.id} userId={me.id} />
              <Mine userId={me.id} />
            </>
          )}
        </NeedsKey>
      ) : (
        <>
          <div className="card-filter">
            <input
              type="search"
              aria-label={text.search}
              placeholder={text.search}
              value={search.find ?? ''}
              onChange={(event) => void navigate({ search: { ...search, find: event.target.value }, replace: true })}
            />
            {search.tag && (
              <Link to="/cards" search={{ ...search, tag: undefined }} className="chip">
                #{search.tag} <span aria-hidden="true">×</span>
              </Link>
            )}
          </div>
          <Published find={search.find?.trim()} tag={search.tag} />
        </>
      )}
    </>
  )
}

/** So that what is proposed is seen from among everybody's cards too. */
function ProposalCount() {
  const text = useText().cards.proposals
  const { data: me } = useMe()
  const { data } = useInfiniteQuery({ ...proposalsOptions(me?.id ?? ''), enabled: me !== undefined })
  const count = data?.pages.flatMap(({ items }) => items).length ?? 0
  return (
    me &&
    count > 0 && (
      <>
        {' '}
        <span className="state">{text.waiting(count)}</span>
      </>
    )
  )
}

function Published({ find, tag }: { find: string | undefined; tag: string | undefined }) {
  const text = useText().cards
  const query = useInfiniteQuery(publishedOptions({ search: useLater(find, 150), tag }))
  const cards = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading lines={9} />}
      {query.data && cards.length === 0 && <p className="quiet">{find || tag ? text.none : text.noneYet}</p>}
      <ul className="cards">
        {cards.map((card) => (
          <CardItem key={card.id} card={card} />
        ))}
      </ul>
      <More of={query} />
    </>
  )
}

function Mine({ userId }: { userId: string }) {
  const text = useText().cards
  const query = useInfiniteQuery(mineOptions(userId))
  const cards = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading lines={9} />}
      {query.data && cards.length === 0 && <p className="quiet">{text.noneMine}</p>}
      <ul className="cards">
        {cards.map((card) => (
          <CardItem key={card.id} card={card} />
        ))}
      </ul>
      <More of={query} />
    </>
  )
}
