import type { Registry } from 'prom-client'

export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  /** Default: the metric's own. */
  readonly metricName?: string
}

type Aggregator = 'sum' | 'first' | 'min' | 'max'

/** A metric with its figures, as the registry's JSON has it. */
export interface MetricReport extends Pick<SampledMetric, 'name' | 'help'> {
  readonly type: string
  readonly aggregator: string
  readonly values: readonly Sample[]
}

export interface SampledMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How the figures of several workers become one. Default: they add up. */
  readonly together?: Aggregator
  /** Asked for at each scrape. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>
}

/**
 * Registers figures that are counted elsewhere and only read at a scrape. The registry asks of a metric no more than its name and
 * `get`; its own counters hash their labels at every increment, which costs more than all the rest of a cached answer.
 */
export function register(registry: Registry, metrics: readonly SampledMetric[]): void {
  for (const { name, help, type, read, together = 'sum' } of metrics) {
    const metric = {
      name,
      help,
      type,
      get: async (): Promise<MetricReport> => {
        const values = await read()
        return { name, help, type, aggregator: together, values: values.map((value) => ({ labels: {}, ...value })) }
      },
    }
    registry.registerMetric(metric as never)
  }
}
