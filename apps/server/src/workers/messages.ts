import type { WorkerPart } from '@extropy/api'
import type { RecentCounts } from '../monitoring/request-counts.ts'
import type { MetricReport } from '../monitoring/samples.ts'
import type { StopKind } from './crew.ts'

/** What a worker can be asked to say of itself. */
export interface Reports {
  readonly metrics: readonly MetricReport[]
  readonly performance: { readonly part: WorkerPart; readonly recent: readonly RecentCounts[] }
}

export type Topic = keyof Reports

/** What the primary process says of all workers. */
interface CrewStats {
  /** Workers that serve. */
  readonly ready: number
  /** Workers that ended without having been asked to. */
  readonly ends: number
  readonly replacements: number
}

/** From all others; among the metrics what workers that have ended had counted. */
export interface Answers<T extends Topic = Topic> {
  readonly crew: CrewStats
  readonly reports: readonly Reports[T][]
}

export type ToPrimary =
  | { readonly kind: 'ready'; readonly port: number; readonly isEmpty: boolean }
  /** Asks all others; `own` is what they would be told. */
  | { readonly kind: 'ask'; readonly id: number; readonly topic: Topic; readonly own: Reports[Topic] }
  | { readonly kind: 'report'; readonly id: number; readonly topic: Topic; readonly report: Reports[Topic] }
  /** The last counts of a worker that goes. */
  | { readonly kind: 'leaving'; readonly metrics: Reports['metrics'] }

export type ToWorker =
  | { readonly kind: 'stop'; readonly how: StopKind }
  | { readonly kind: 'report'; readonly id: number; readonly topic: Topic }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: Answers }
