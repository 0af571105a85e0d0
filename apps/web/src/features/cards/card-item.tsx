import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { excerpt } from '../ask/excerpt.ts'
import { type ListedCard, publishable } from './cards.queries.ts'

export function CardItem({ card }: { card: ListedCard }) {
  const text = useText().cards
  const format = useFormat()
  const isDraft = 'isPublished' in card && !card.isPublished
  const when = card.publishedAt ?? card.createdAt
  return (
    <li>
      <h2 dir="auto">
        <Link to="/cards/$cardId" params={{ cardId: card.id }}>
          {card.title}
        </Link>
      </h2>
      <p className="card-who">
        {'displayName' in card && `${card.displayName} · `}
        <time dateTime={when}>{format.day(when)}</time>
        {isDraft && (
          <span className="state"> {publishable.includes(card.privacyLevel) ? text.draft : text.privateDraft}</span>
        )}
      </p>
      <p className="card-text" dir="auto">
        {excerpt(card.body.slice(0, 600))}
      </p>
      {card.tags.length > 0 && (
        <ul className="tags">
          {card.tags.slice(0, 6).map((tag) => (
            <li key={tag}>
              <Link to="/cards" search={{ tag }}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
