import { underLoad } from '../db/measure.ts'
import type { OpenContender, ReadName, Sample } from './reads.ts'

/** Started by `queries.ts` with a contender's file and a database: answers and measures as it is told to. */
export interface Setup {
  readonly contender: string
  readonly url: string
  readonly samples: readonly Sample[]
}

export type Order =
  | { readonly what: 'answer'; readonly read: ReadName; readonly at: number }
  | { readonly what: 'measure'; readonly read: ReadName; readonly callers: number; readonly seconds: number }

const { contender, url, samples } = JSON.parse(process.argv[2] ?? '') as Setup
const { open } = (await import(`./contenders/${contender}.contender.ts`)) as { open: OpenContender }
const { reads } = await open(url)

process.on('disconnect', () => process.exit())
process.on('message', async (order: Order) => {
  const call = (n: number) => reads[order.read](samples[n % samples.length] as Sample)
  process.send?.(
    order.what === 'answer'
      ? (await call(order.at)).map(withTimesAlike)
      : await underLoad(order.callers, order.seconds, call),
  )
})
process.send?.('ready')

/** Times are a Date to some libraries, and text to others, with the microseconds that a Date has not. */
function withTimesAlike(row: object): object {
  const alike = (value: unknown) =>
    value instanceof Date || (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
      ? new Date(value).toISOString()
      : value
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, alike(value)]))
}
