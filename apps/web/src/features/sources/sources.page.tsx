import { PageHead } from '../../frame/page-head.tsx'
import './sources.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { ArchiveDrop } from '../imports/archive-drop.tsx'
import { FollowForm } from './follow-form.tsx'
import { SourceActions } from './source-actions.tsx'
import { SourceState } from './source-state.tsx'
import { SourceViews } from './source-views.tsx'
import { type Source, sourcesOptions } from './sources.queries.ts'

export function SourcesPage() {
  const text = useText().sources
  useTitle(text.title)
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      <SourceViews />
      <NeedsKey>{() => <Sources />}</NeedsKey>
    </>
  )
}

function Sources() {
  const text = useText().sources
  const failing = useInfiniteQuery(sourcesOptions('failing'))
  const all = useInfiniteQuery(sourcesOptions(undefined))
  const bad = (failing.data?.pages.flatMap(({ items }) => items) ?? []).filter(({ status }) => status === 'failing')
  const others = (all.data?.pages.flatMap(({ items }) => items) ?? []).filter(({ status }) => status !== 'failing')
  return (
    <>
      <FollowForm />
      <ArchiveDrop />
      {(failing.error ?? all.error) && <Failure error={failing.error ?? all.error} onRetry={all.refetch} />}
      {bad.length > 0 && (
        <section aria-labelledby="failing" className="source-lists">
          <h2 id="failing">{text.failing}</h2>
          <SourceList of={bad} />
          <More of={failing} />
        </section>
      )}
      <section aria-labelledby="followed" className="source-lists">
        <h2 id="followed">{text.followed}</h2>
        {all.isPending && <Loading lines={6} />}
        {all.data && others.length === 0 && <p className="quiet">{bad.length === 0 ? text.none : text.noneOther}</p>}
        <SourceList of={others} />
        <More of={all} />
      </section>
    </>
  )
}

/** Of so many rows the browser skips all at once while they are out of sight; one by one, ten thousand rows cost each frame their number. */
const atOnce = 100

function SourceList({ of: sources }: { of: readonly Source[] }) {
  const parts = Array.from({ length: Math.ceil(sources.length / atOnce) }, (_, n) =>
    sources.slice(n * atOnce, (n + 1) * atOnce),
  )
  return parts.map((part, n) => (
    <ul key={n} className="source-list">
      {part.map((source) => (
        <SourceRow key={source.id} of={source} />
      ))}
    </ul>
  ))
}

function SourceRow({ of: source }: { of: Source }) {
  const text = useText().sources
  return (
    <li>
      <div>
        <h3>
          <Link to="/sources/$sourceId" params={{ sourceId: source.id }}>
            {source.title ?? source.label}
          </Link>{' '}
          <small>
            {text.kinds[source.kind] ?? source.kind} · {source.platform}
          </small>
        </h3>
        <SourceState of={source} />
      </div>
      <SourceActions of={source} />
    </li>
  )
}
