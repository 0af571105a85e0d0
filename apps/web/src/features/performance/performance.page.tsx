import './performance.css'
import { useState } from 'react'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { Scroll } from '../../frame/scroll.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { useText } from '../../text/text.ts'
import { AdminParts } from './admin-parts.tsx'
import { Line } from './line.tsx'
import { type Performance, usePerformance } from './performance.queries.ts'

export function PerformancePage() {
  const text = useText().performance
  const [isLive, setIsLive] = useState(true)
  const { data, error, refetch, history } = usePerformance(isLive)
  useTitle(text.title)
  return (
    <div className="performance">
      <div className="page-head">
        <div>
          <h1>{text.title}</h1>
          <p>
            {text.lead} <span className="quiet">{isLive && !error ? text.live : text.paused}</span>
          </p>
        </div>
        <button type="button" aria-pressed={!isLive} onClick={() => setIsLive(!isLive)}>
          {isLive ? text.pause : text.resume}
        </button>
      </div>
      {error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && <Loading lines={10} />}
      {data && (
        <>
          <Figures of={data} history={history} />
          <Procedures of={data.procedures} />
          <AdminParts of={data} />
        </>
      )}
    </div>
  )
}

function Figures({ of, history }: { of: Performance; history: readonly Performance[] }) {
  const text = useText().performance
  const format = useFormat()
  const { cache, database, embedding, vector_index: vectorIndex } = of
  const rates = history.map(({ cache: then }) => then.hit_rate / 100)
  const figures: readonly (readonly [name: string, value: string, note?: string | undefined])[] = [
    [
      text.status,
      text.statuses[database.status],
      database.latency_ms === null ? undefined : `${text.latency}: ${format.number(database.latency_ms, 1)} ms`,
    ],
    [
      text.pool,
      text.poolOf(database.pool.checked_out, database.pool.total_connections),
      text.waiting(database.pool.waiting),
    ],
    [
      text.entries,
      text.entriesOf(format.number(cache.active_entries), format.number(cache.max_cache_size)),
      `${format.number(cache.memory_usage_estimate_mb, 1)} MB`,
    ],
    [text.vectors, embedding.embedded_share === null ? '–' : format.percent(embedding.embedded_share), embedding.model],
    [text.recall, vectorIndex.recall_at_10 === null ? text.noSample : format.percent(vectorIndex.recall_at_10)],
    [text.uptime, duration(of.uptime_seconds), of.version],
  ]
  return (
    <div className="figures">
      <section className="hit-rate" aria-label={text.hitRate}>
        <h2 className="small-title">{text.hitRate}</h2>
        <p className="big">{format.percent(cache.hit_rate / 100)}</p>
        <Line values={rates} label={text.overTime} />
        <p className="quiet">{text.overTime}</p>
      </section>
      <dl className="facts">
        {figures.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value} {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function Procedures({ of }: { of: Performance['procedures'] }) {
  const text = useText().performance
  const format = useFormat()
  const slowest = Math.max(1, ...of.map(({ p99_ms: p99 }) => p99))
  return (
    <section>
      <h2>{text.procedures}</h2>
      <Scroll label={text.procedures}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.procedure}</th>
              <th scope="col" className="number">
                {text.calls}
              </th>
              <th scope="col" className="number">
                {text.errors}
              </th>
              {['p50', 'p95', 'p99'].map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
              <td className="bars-head" />
            </tr>
          </thead>
          <tbody>
            {of.map(({ procedure, count, errors, p50_ms: p50, p95_ms: p95, p99_ms: p99 }) => (
              <tr key={procedure}>
                <th scope="row" className="mono">
                  {procedure}
                </th>
                <td className="number">{format.number(count)}</td>
                <td className={errors > 0 ? 'number problem' : 'number quiet'}>{format.number(errors)}</td>
                {[p50, p95, p99].map((ms, index) => (
                  <td key={index} className="number">
                    {format.number(ms, ms < 10 ? 1 : 0)} ms
                  </td>
                ))}
                <td className="bars" aria-hidden="true">
                  <svg aria-hidden="true" width="100%" height="10" preserveAspectRatio="none" viewBox="0 0 100 10">
                    <rect className="p99" width={(p99 / slowest) * 100} height="10" />
                    <rect className="p95" width={(p95 / slowest) * 100} height="10" />
                    <rect className="p50" width={(p50 / slowest) * 100} height="10" />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}
