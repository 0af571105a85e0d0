import { expect, test } from 'vitest'
import { createReports, type Teller } from './reports.ts'
import { sumMetrics } from './sum-metrics.ts'

const counted = (value: number) => ({
  name: 'n_total',
  help: 'n',
  type: 'counter',
  aggregator: 'sum',
  values: [{ value, labels: {} }],
})
const gauge = (value: number, aggregator = 'sum') => ({
  name: 'g',
  help: 'g',
  type: 'gauge',
  aggregator,
  values: [{ value, labels: {} }],
})

/** A worker that answers with what it has then, or not at all. */
function join(
  reports: ReturnType<typeof createReports>,
  metrics: () => readonly ReturnType<typeof counted>[] | undefined,
): Teller {
  const teller: Teller = {
    askFor(id, topic) {
      const report = metrics()
      if (report !== undefined) reports.tell(teller, topic, report as never, id)
    },
  }
  reports.join(teller)
  return teller
}

test('what a worker had counted stays in the sums when it has ended; what it was does not', async () => {
  const reports = createReports()
  const asker = join(reports, () => [])
  const other = join(reports, () => [counted(5), gauge(7)])
  const text = async () => sumMetrics(await reports.gather(asker, 'metrics')).metrics()
  expect(await text()).toContain('n_total 5')
  expect(await text()).toContain('g 7')
  reports.leave(other)
  expect(await text()).toContain('n_total 5')
  expect(await text()).not.toContain('g 7')
  join(reports, () => [counted(2), gauge(1)])
  expect(await text()).toContain('n_total 7')
})

test('a worker that does not answer is counted with what it said last', async () => {
  const reports = createReports()
  const asker = join(reports, () => [])
  let isStuck = false
  join(reports, () => (isStuck ? undefined : [counted(3)]))
  await reports.gather(asker, 'metrics')
  isStuck = true
  expect(await sumMetrics(await reports.gather(asker, 'metrics')).metrics()).toContain('n_total 3')
})

test('a gauge is added up, or the least or greatest of all, as it says', async () => {
  const both = (aggregator: string) => sumMetrics([[gauge(1, aggregator)], [gauge(4, aggregator)]]).metrics()
  expect(await both('sum')).toContain('g 5')
  expect(await both('min')).toContain('g 1')
  expect(await both('max')).toContain('g 4')
})

test('counts that cannot be added leave the sums as they were, and every question is still answered', async () => {
  const reports = createReports()
  const asker = join(reports, () => [])
  const [good, bad] = [join(reports, () => [counted(5)]), join(reports, () => undefined)]
  await reports.gather(asker, 'metrics')
  reports.tell(bad, 'metrics', [{ ...counted(1), values: undefined }] as never)
  for (const each of [good, bad]) reports.leave(each)
  const text = await sumMetrics(await reports.gather(asker, 'metrics')).metrics()
  expect(text).toContain('n_total 5')
})
