import type { Content } from '@extropy/client'
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

/** Questions made of what came in last, and those pieces themselves. */
function Suggestions() {
  const text = useText().ask
  const { data } = useQuery(latestOptions)
  const pieces = data?.items ?? []
  if (pieces.length === 0) return null
  const questions = questionsFrom(pieces, text.suggest)
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

/** Titles that ask, then what an author says about what they write of. A tag that most pieces have tells nothing. */
function questionsFrom(pieces: readonly Content[], suggest: (author: string, tag: string) => string): string[] {
  const counts = new Map<string, number>()
  for (const tag of pieces.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  const asking = pieces.map(({ title }) => title).filter((title) => title.endsWith('?'))
  const byAuthor = new Map<string, string>()
  for (const { author, tags } of pieces) {
    const tag = tags.find((each) => (counts.get(each) ?? 0) * 2 < pieces.length && each !== author) ?? tags[0]
    if (tag !== undefined && author !== '' && !author.includes(',')) byAuthor.set(author, suggest(author, tag))
  }
  return [...asking.slice(0, 2), ...byAuthor.values()].slice(0, 4)
}

export const Welcome = { Lead, Suggestions }
