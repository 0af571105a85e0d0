import { listPages, readSamples, scaleReads } from '@extropy/api/testing/reads'
import type { DatabaseHandle } from '@extropy/db'
import { underLoad } from './load.ts'
import { slope } from './ratio.ts'
import { record } from './results.ts'
import { type Contender, measureInTurns, middleOf, type RoundOptions, recordSeries } from './rounds.ts'
import { table } from './table.ts'

export interface Sized extends Pick<DatabaseHandle, 'db'> {
  readonly cards: number
}

/** One caller; a round's value is its median. */
const oneCaller = (name: string, call: (n: number) => Promise<unknown>): Contender => {
  let next = 0
  return {
    name,
    async measure(seconds) {
      const { p50Ms, latenciesMs } = await underLoad(1, seconds, call, next)
      next += latenciesMs.length
      return { value: p50Ms }
    },
  }
}

const sized = (cards: number) => `${cards} cards`

/** Every list, count, search and graph at every size, random keys. */
export async function growReads(databases: readonly Sized[], options: RoundOptions): Promise<void> {
  const samples = await Promise.all(databases.map(({ db }) => readSamples(db, 200)))
  const sizes = databases.map(({ cards }) => cards)
  const [smallest = 0, largest] = [sizes[0], sizes.at(-1)]
  const rows: string[][] = []
  for (const [name, read] of Object.entries(scaleReads)) {
    const contenders = databases.map(({ db, cards }, at) => {
      const own = samples[at] ?? []
      return oneCaller(sized(cards), (n) => read(db, own[n % own.length] as (typeof own)[0]))
    })
    const all = await measureInTurns(contenders, options)
    for (const [at, series] of all.entries()) {
      const [cards, isLargest] = [sizes[at] as number, sizes[at] === largest && largest === 1_000_000]
      const held = isLargest && !name.includes('counts')
      const goals = held ? (['every list and look-up: p50 at 1 M cards / at 10 k'] as const) : []
      const comparisons = at === 0 ? [] : [{ of: sized(cards), to: sized(smallest), goals }]
      const measured = { suite: 'growth', name: `rows: ${name}`, unit: 'ms', at: cards, atUnit: 'cards', comparisons }
      recordSeries(measured, all, [series])
    }
    const points = all.map((series, at) => [sizes[at] as number, middleOf(series, 'value')] as const)
    const exponent = slope(points)
    record({ suite: 'growth', name: `rows: ${name}`, contender: 'slope', unit: 'exponent', value: exponent })
    rows.push([name, ...points.map(([, ms]) => ms.toFixed(3)), exponent.toFixed(3)])
  }
  process.stdout.write('\n### As tables grow, p50 ms; slope: cost ≈ size^slope\n')
  process.stdout.write(table(['', ...sizes.map(sized), 'slope'], rows))
}

/** Page 1 against page 10,000 (of 20), or the last one where the list is shorter. */
export async function growDepth({ db, cards }: Sized, options: RoundOptions): Promise<void> {
  const rows: string[][] = []
  for (const [name, readPage] of Object.entries(listPages)) {
    let cursor: string | undefined
    let items = 0
    while (items < 200_000) {
      const page = await readPage(db, { limit: 100, cursor })
      if (page.nextCursor === null) break
      cursor = page.nextCursor
      items += 100
    }
    const [first, deep] = ['page 1', `page ${items / 20}`]
    const contenders = [
      oneCaller(first, () => readPage(db, { limit: 20, cursor: undefined })),
      oneCaller(deep, () => readPage(db, { limit: 20, cursor })),
    ]
    const all = await measureInTurns(contenders, options)
    const comparisons = [{ of: deep, to: first, goals: ['page 10,000, or the last one / page 1'] as const }]
    const measured = {
      suite: 'growth',
      name: `deep page: ${name}`,
      unit: 'ms',
      at: cards,
      atUnit: 'cards',
      comparisons,
    }
    recordSeries(measured, all)
    rows.push([name, deep, ...all.map((series) => middleOf(series, 'value').toFixed(3))])
  }
  process.stdout.write(`\n### Depth, ${cards.toLocaleString('en')} cards, p50 ms\n`)
  process.stdout.write(table(['', 'the deep page', 'page 1', 'deep'], rows))
}
