import './sources.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { PageFailure } from '../../frame/no-such-page.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { FetchLog } from './fetch-log.tsx'
import { SourceActions } from './source-actions.tsx'
import { SourceState } from './source-state.tsx'
import { type Source, sourceOptions, useChangeSource } from './sources.queries.ts'

const route = getRouteApi('/sources/$sourceId')

export function SourcePage() {
  const text = useText().sources
  const { sourceId } = route.useParams()
  useTitle(text.title)
  return (
    <>
      <p>
        <Link to="/sources">← {text.back}</Link>
      </p>
      <NeedsKey>{() => <Whole id={sourceId} />}</NeedsKey>
    </>
  )
}

function Whole({ id }: { id: string }) {
  const text = useText().sources
  const navigate = useNavigate()
  const { data: source, error, refetch } = useQuery(sourceOptions(id))
  useTitle(source?.title ?? source?.label ?? text.title)
  if (error) return <PageFailure error={error} onRetry={refetch} />
  if (!source) return <Loading lines={6} />
  return (
    <div className="source">
      <div className="page-head">
        <div>
          <h1>{source.title ?? source.label}</h1>
          <p>
            {text.kinds[source.kind] ?? source.kind} · {source.platform}
          </p>
        </div>
      </div>
      <SourceState of={source} />
      <SourceActions of={source} onRemoved={() => void navigate({ to: '/sources' })} />
      <Facts of={source} />
      <section aria-labelledby="log">
        <h2 id="log">{text.log}</h2>
        <FetchLog id={id} />
      </section>
    </div>
  )
}

function Facts({ of: source }: { of: Source }) {
  const text = useText().sources
  const format = useFormat()
  const change = useChangeSource()
  const time = (iso: string | null) => (iso === null ? text.facts.never : format.time(iso))
  const interval = String(source.intervalSeconds ?? 'none')
  const intervals = Object.keys(text.intervals)
  return (
    <dl className="facts source-facts">
      <Fact name={text.facts.address}>
        <a href={source.url} rel="noopener noreferrer nofollow">
          {source.url}
        </a>
      </Fact>
      {source.feedUrl !== null && source.feedUrl !== source.url && (
        <Fact name={text.facts.feed}>
          <a href={source.feedUrl} rel="noopener noreferrer nofollow">
            {source.feedUrl}
          </a>
        </Fact>
      )}
      <Fact name={text.facts.ok}>{time(source.lastOkAt)}</Fact>
      <Fact name={text.facts.brought}>{time(source.lastNewAt)}</Fact>
      <Fact name={text.facts.since}>{time(source.createdAt)}</Fact>
      {source.folders.length > 0 && <Fact name={text.facts.folders}>{source.folders.join(', ')}</Fact>}
      <div>
        <dt>
          <label htmlFor="interval">{text.interval}</label>
        </dt>
        <dd>
          <select
            id="interval"
            value={interval}
            onChange={({ target: { value } }) =>
              change.mutate({ id: source.id, intervalSeconds: value === 'none' ? null : Number(value) })
            }
          >
            {(intervals.includes(interval) ? intervals : [...intervals, interval]).map((each) => (
              <option key={each} value={each}>
                {text.intervals[each] ?? text.seconds(each)}
              </option>
            ))}
          </select>
          {change.error && <Failure error={change.error} />}
        </dd>
      </div>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children as string}</dd>
    </div>
  )
}
