import './cards.css'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { tokens, useFormat } from '../../format.ts'
import { Confirm } from '../../frame/confirm.tsx'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { PageFailure } from '../../frame/no-such-page.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { session } from '../../session/session.ts'
import { useMe } from '../../session/use-me.ts'
import { useText } from '../../text/text.ts'
import { MarkdownView } from '../read/markdown-view.tsx'
import { AttributeForm } from './attribute-form.tsx'
import {
  backlinksOptions,
  cardOptions,
  countsOptions,
  publishable,
  useDelete,
  usePublish,
  useUnpublish,
  type WholeCard,
} from './cards.queries.ts'

const Neighbourhood = lazy(() =>
  import('./neighbourhood.tsx').then(({ Neighbourhood }) => ({ default: Neighbourhood })),
)

const route = getRouteApi('/cards/$cardId')

export function CardPage() {
  const { cardId } = route.useParams()
  const { key } = session.use()
  const me = useMe()
  const { data: card, error, refetch } = useQuery(cardOptions(cardId, key))
  useTitle(card?.title)
  if (error) return <PageFailure error={error} onRetry={refetch} />
  if (!card) return <Loading lines={8} />
  const isMine = me.data?.id === card.userId
  return (
    <div className="card">
      <div className="card-main">
        <article>
          <CardHead card={card} />
          <Suspense fallback={<Loading />}>
            <MarkdownView key={card.id} text={card.body} />
          </Suspense>
          {isMine && <OwnerTools card={card} />}
        </article>
        {card.isPublished && (
          <Suspense fallback={<Loading />}>
            <Neighbourhood card={card} />
          </Suspense>
        )}
      </div>
      {card.isPublished && (
        <aside className="card-side">
          <Backlinks cardId={card.id} />
          <AttributeForm card={card} isMine={isMine} />
        </aside>
      )}
    </div>
  )
}

function CardHead({ card }: { card: WholeCard }) {
  const text = useText().cards
  const format = useFormat()
  const when = card.publishedAt ?? card.createdAt
  return (
    <header className="card-head">
      <h1 dir="auto">{card.title}</h1>
      <p className="card-who">
        {text.by(card.displayName)} · <time dateTime={when}>{format.day(when)}</time>
        {!card.isPublished && (
          <span className="state"> {publishable.includes(card.privacyLevel) ? text.draft : text.privateDraft}</span>
        )}
      </p>
      {(card.contentId ?? card.parentCardId) && (
        <p className="card-who">
          {card.contentId && (
            <>
              {text.about}{' '}
              <Link to="/read/$contentId" params={{ contentId: card.contentId }}>
                {text.aboutPiece}
              </Link>{' '}
            </>
          )}
          {card.parentCardId && (
            <>
              {text.answers}{' '}
              <Link to="/cards/$cardId" params={{ cardId: card.parentCardId }}>
                {text.parent}
              </Link>
            </>
          )}
        </p>
      )}
      {card.tags.length > 0 && (
        <ul className="tags">
          {card.tags.map((tag) => (
            <li key={tag}>
              <Link to="/cards" search={{ tag }}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </header>
  )
}

function OwnerTools({ card }: { card: WholeCard }) {
  const text = useText().cards
  const navigate = useNavigate()
  const { key } = session.use()
  const publish = usePublish()
  const unpublish = useUnpublish(card, key)
  const remove = useDelete(() => navigate({ to: '/cards', search: { of: 'mine' } }))
  const [isAsking, setIsAsking] = useState(false)
  const error = publish.error ?? unpublish.error ?? remove.error
  return (
    <div className="owner-tools">
      <div className="row">
        {!card.isPublished && publishable.includes(card.privacyLevel) && (
          <button
            type="button"
            className="primary"
            disabled={publish.isPending}
            onClick={() => publish.mutate({ ids: [card.id] })}
          >
            {text.publish}
          </button>
        )}
        {card.isPublished && (
          <button type="button" disabled={unpublish.isPending} onClick={() => unpublish.mutate()}>
            {text.unpublish}
          </button>
        )}
        <Link to="/cards/new" search={{ edit: card.id }} className="button">
          {text.edit}
        </Link>
        <button type="button" className="danger" onClick={() => setIsAsking(true)}>
          {text.delete}
        </button>
      </div>
      <p role="status">{publish.data && card.isPublished && text.publishedNow(tokens(publish.data.tokensEarned))}</p>
      {error && <Failure error={error} />}
      {isAsking && (
        <Confirm
          title={text.delete}
          question={text.deleteSure}
          yes={text.delete}
          onClose={() => setIsAsking(false)}
          onYes={() => remove.mutate(card.id)}
        />
      )}
    </div>
  )
}

function Backlinks({ cardId }: { cardId: string }) {
  const text = useText().cards
  const { data: counts } = useQuery(countsOptions(cardId))
  const query = useInfiniteQuery(backlinksOptions(cardId))
  const links = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section>
      <h2>{text.backlinks}</h2>
      {counts && (
        <dl className="facts counts">
          {(['citation', 'remix', 'reply'] as const)
            .filter((type) => counts[type].count > 0)
            .map((type) => (
              <div key={type}>
                <dt>{text.counts[type]}</dt>
                <dd>
                  {text.times(counts[type].count)} <small>{text.earned(tokens(counts[type].tokens))}</small>
                </dd>
              </div>
            ))}
        </dl>
      )}
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.data && links.length === 0 && <p className="quiet">{text.noBacklinks}</p>}
      <ul className="links">
        {links.map(({ id, targetCardId, targetTitle, targetDisplayName, type, excerpt: words }) => (
          <li key={id}>
            <Link to="/cards/$cardId" params={{ cardId: targetCardId }}>
              {targetTitle}
            </Link>
            <small>
              {targetDisplayName} {text.did[type]}
            </small>
            {words && <q>{words}</q>}
          </li>
        ))}
      </ul>
      <More of={query} />
    </section>
  )
}
