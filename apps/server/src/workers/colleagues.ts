import { type Colleagues, workerPart } from '@extropy/api'
import type { Metrics } from '../metrics.ts'
import { latenciesOf } from '../monitoring/request-counts.ts'
import type { Seat } from './seat.ts'

/** Everybody may ask for it, and each question goes to all workers. */
const keepMs = 1000

/** The other workers' part of /health/performance; from now on, this one answers theirs. */
export function createColleagues(
  seat: Seat,
  metrics: Metrics,
  deps: Parameters<typeof workerPart>[0],
): () => Promise<Colleagues> {
  const own = () => ({ part: workerPart(deps), recent: metrics.recent() })
  seat.answer({ metrics: metrics.report, performance: own })
  const ask = async (): Promise<Colleagues> => {
    const { part, recent } = own()
    const { reports } = await seat.ask('performance', { part, recent })
    const latencies = latenciesOf([...recent, ...reports.flatMap((report) => report.recent)])
    return { parts: reports.map((report) => report.part), latencies }
  }
  let last: { readonly answer: Promise<Colleagues>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now >= last.until) last = { answer: ask(), until: now + keepMs }
    return last.answer
  }
}
