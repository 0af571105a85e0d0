import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { tokens } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { toAmount, units } from '../tokens/amounts.ts'
import { statsOptions } from '../tokens/tokens.queries.ts'
import {
  type AttributionType,
  attributionTypes,
  mineOptions,
  prices,
  useAttribute,
  type WholeCard,
} from './cards.queries.ts'

/** Names this card in one's own, with the price before and the balance after. */
export function AttributeForm({ card, isMine }: { card: WholeCard; isMine: boolean }) {
  const text = useText().cards.attribute
  return (
    <section className="attribute">
      <h2>{text.title}</h2>
      {isMine ? (
        <p className="quiet">{text.own}</p>
      ) : (
        <>
          <p className="quiet">{text.lead}</p>
          <NeedsKey>{(me) => <Form card={card} userId={me.id} />}</NeedsKey>
        </>
      )}
    </section>
  )
}

function Form({ card, userId }: { card: WholeCard; userId: string }) {
  const words = useText().cards
  const text = words.attribute
  const [type, setType] = useState<AttributionType>('citation')
  const { data: stats } = useQuery(statsOptions(userId))
  const mine = useInfiniteQuery(mineOptions(userId))
  const attribute = useAttribute()
  const published = mine.data?.pages.flatMap(({ items }) => items).filter(({ isPublished }) => isPublished) ?? []
  if (mine.data && published.length === 0) {
    return (
      <p>
        {text.noneOfYours} <Link to="/cards/new">{words.write}</Link>
      </p>
    )
  }
  const after = stats && units(stats.balance) - units(prices[type])
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const excerpt = String(given.get('excerpt')).trim()
    attribute.mutate({
      sourceCardId: card.id,
      targetCardId: String(given.get('target')),
      type,
      ...(excerpt && { excerpt }),
    })
  }
  return (
    <form className="stack" onSubmit={submit}>
      <label className="field">
        {text.yours}
        <select name="target" required defaultValue="">
          <option value="" disabled>
            {text.choose}
          </option>
          {published.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="choices">
        <legend>{text.how}</legend>
        {attributionTypes.map((each) => (
          <label key={each} className="check">
            <input type="radio" name="type" value={each} checked={each === type} onChange={() => setType(each)} />
            <span>
              {words.types[each]} · {text.price(prices[each])}
              <small>{words.typeHints[each]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="field">
        {text.excerpt}
        <textarea name="excerpt" rows={2} maxLength={2000} />
      </label>
      {stats && after !== undefined && (
        <p className="quiet" aria-live="polite">
          {after < 0n ? text.short(tokens(stats.balance)) : text.after(tokens(stats.balance), tokens(toAmount(after)))}
        </p>
      )}
      {attribute.error && <Failure error={attribute.error} />}
      <button type="submit" className="primary" disabled={attribute.isPending || (after !== undefined && after < 0n)}>
        {text.submit(prices[type])}
      </button>
      <p role="status">{attribute.data && text.done(tokens(attribute.data.tokensTransferred))}</p>
    </form>
  )
}
