import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { countOptions, latestOptions } from './ask.queries.ts'

function Lead() {
  const text = useText().ask
  const format = useFormat()
  const { data } = useQuery(countOptions)
  return (
    <div className="ask-lead">
      <h1>{text.lead}</h1>
      <p>{data && data.contents > 0 ? text.under(format.number(data.contents)) : text.underUnknown}</p>
    </div>
  )
}

/** Questions made of what is here: a tag that many of the latest pieces have, and titles that ask or tell something. */
function Suggestions() {
  const text = useText().ask
  const { data } = useQuery(latestOptions)
  const pieces = data?.items ?? []
  if (pieces.length === 0) return null
  const questions = [
    ...pieces.map(({ title }) => title).filter((title) => title.endsWith('?')),
    ...frequentTags(pieces.flatMap(({ tags }) => tags)).map(text.suggest.about),
  ].slice(0, 4)
  return (
    <div className="suggestions">
      <section>
        <h2 className="small-title">{text.suggestions}</h2>
        <ul>
          {questions.map((question) => (
            <li key={question}>
              <Link to="/" search={{ q: question }}>
                {question}
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2 className="small-title">{text.recent}</h2>
        <ul>
          {pieces.slice(0, 4).map(({ id, title, author }) => (
            <li key={id}>
              <Link to="/read/$contentId" params={{ contentId: id }}>
                {title}
              </Link>{' '}
              <small>{author}</small>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function frequentTags(tags: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([tag]) => tag)
}

export const Welcome = { Lead, Suggestions }
