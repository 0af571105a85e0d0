import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { useText } from '../../text/text.ts'
import { type Timeline, timelineOptions } from './patterns.queries.ts'

type Step = Timeline['steps'][number]

const mostQuotes = 4
const mostAdded = 10

/** A pattern's pieces by their age, the oldest first, each with its words and what it added. */
export function TimelineView({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(timelineOptions(id))
  if (error) return <Failure error={error} onRetry={refetch} />
  if (!data) return <Loading lines={3} />
  return (
    <ol className="timeline">
      {data.steps.map((step) => (
        <TimelineStep key={step.content.id} of={step} />
      ))}
    </ol>
  )
}

function TimelineStep({ of: { content, evidence } }: { of: Step }) {
  const text = useText().authors.patterns
  const format = useFormat()
  const { quotes, growth, added = [], kept = [] } = evidence
  return (
    <li>
      <p className="timeline-when">
        {content.publishedAt ? (
          <time dateTime={content.publishedAt}>{format.day(content.publishedAt)}</time>
        ) : (
          text.undated
        )}
        {' · '}
        {content.platform}
        {growth !== undefined && ` · ${text.grew(format.number(growth, 1))}`}
      </p>
      <h4>
        <Link to="/read/$contentId" params={{ contentId: content.id }}>
          {content.title}
        </Link>
      </h4>
      {added.length > 0 && (
        <p>
          <span className="quiet">{text.added}</span> {added.slice(0, mostAdded).join(', ')}
        </p>
      )}
      {quotes.slice(0, mostQuotes).map(({ start, end, text: words }) => (
        <Passage key={start} contentId={content.id} start={start} end={end} words={words} />
      ))}
      {kept.length > 0 && (
        <details>
          <summary>{text.kept(kept.length)}</summary>
          {kept.map(({ older, newer }) => (
            <div key={`${older.start} ${newer.start}`} className="kept">
              <p>
                <span className="quiet">{text.before}: </span>
                {older.text}
              </p>
              <p>
                <span className="quiet">{text.now}: </span>
                {newer.text}
              </p>
            </div>
          ))}
        </details>
      )}
    </li>
  )
}

interface PassageProps {
  readonly contentId: string
  readonly start: number
  readonly end: number
  readonly words: string
}

function Passage({ contentId, start, end, words }: PassageProps) {
  const text = useText().authors.patterns
  return (
    <blockquote dir="auto">
      <Link
        to="/read/$contentId"
        params={{ contentId }}
        search={{ at: `${start}-${end}` }}
        title={text.read}
        preload={false}
      >
        {words}
      </Link>
    </blockquote>
  )
}
