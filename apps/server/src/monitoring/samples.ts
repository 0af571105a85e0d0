import type { Registry } from 'prom-client'

export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  /** Default: the metric's own. */
  readonly metricName?: string
}

export interface SampledMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Asked for at each scrape. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>
}

/**
 * Registers figures that are counted elsewhere and only read at a scrape. The registry asks of a metric no more than its name and
 * `get`; its own counters hash their labels at every increment, which costs more than all the rest of a cached answer.
 */
export function register(registry: Registry, metrics: readonly SampledMetric[]): void {
  for (const { name, help, type, read } of metrics) {
    const metric = {
      name,
      help,
      type,
      get: async () => ({ name, help, type, aggregator: 'sum', values: await read() }),
    }
    registry.registerMetric(metric as never)
  }
}
