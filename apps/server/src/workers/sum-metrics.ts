import { AggregatorRegistry, type Registry } from 'prom-client'
import type { MetricReport } from '../monitoring/samples.ts'

/** The metrics of several workers as one server's: each by its own `aggregator`. */
export function sumMetrics(all: readonly (readonly MetricReport[])[]): Registry {
  return AggregatorRegistry.aggregate(all as unknown as object[])
}

/** What workers that have ended had counted, without what they were. */
export async function sumCounts(all: readonly (readonly MetricReport[])[]): Promise<readonly MetricReport[]> {
  const counted = all.map((metrics) => metrics.filter(({ type }) => type === 'counter' || type === 'histogram'))
  return (await sumMetrics(counted).getMetricsAsJSON()) as unknown as readonly MetricReport[]
}
