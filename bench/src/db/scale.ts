import { listPages, readSamples, scaleReads } from '@extropy/api/testing/reads'
import type { Sized } from '../growth/sizes.ts'
import { recordRounds } from '../ratio.ts'
import { record } from '../results.ts'
import type { GeneratedDatabase } from './generated-database.ts'
import { median, mediansMs, printTable, roundMediansMs } from './measure.ts'

/** Every read at every size, one caller, random keys: does it stay flat? */
export async function benchScale(suite: string, databases: readonly GeneratedDatabase[], calls: number): Promise<void> {
  const rows: Record<string, string | number>[] = []
  const samples = await Promise.all(databases.map(({ db }) => readSamples(db, 200)))
  for (const [name, read] of Object.entries(scaleReads)) {
    const ways = databases.map(({ db }, at) => {
      const own = samples[at] ?? []
      return (n: number) => {
        const sample = own[n % own.length]
        if (sample === undefined) throw new Error('there is no data to read')
        return read(db, sample)
      }
    })
    const medians = await mediansMs(calls, ways)
    const ratio = (medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN)
    for (const [at, { cards }] of databases.entries()) {
      const value = medians[at] ?? Number.NaN
      const smallest = { ratioTo: `${databases[0]?.cards} cards`, ratio: value / (medians[0] ?? Number.NaN) }
      const measured = { suite, name: `as tables grow: ${name}`, contender: `${cards} cards`, unit: 'ms', value }
      record({ ...measured, at: cards, atUnit: 'cards', ...(at === 0 ? {} : smallest) })
    }
    rows.push({
      read: name,
      ...Object.fromEntries(
        databases.map(({ cards }, at) => [`${cards} cards, p50 ms`, medians[at]?.toFixed(3) ?? '']),
      ),
      'largest / smallest': `${ratio.toFixed(2)}${ratio <= 1.3 ? '' : ' (over 1.3)'}`,
    })
  }
  printTable(rows)
}

/** Page 1 against page 10,000 (of 20), or the last one where the list is shorter. */
export async function benchDepth(suite: string, { db, cards }: Sized, calls: number): Promise<void> {
  const rows: Record<string, string | number>[] = []
  for (const [name, readPage] of Object.entries(listPages)) {
    let cursor: string | undefined
    let items = 0
    while (items < 200_000) {
      const page = await readPage(db, { limit: 100, cursor })
      if (page.nextCursor === null) break
      cursor = page.nextCursor
      items += 100
    }
    const [firsts = [], deeps = []] = await roundMediansMs(5, calls / 5, [
      () => readPage(db, { limit: 20, cursor: undefined }),
      () => readPage(db, { limit: 20, cursor }),
    ])
    const [first, deep] = [median(firsts), median(deeps)]
    recordRounds({
      suite,
      name: `deep page: ${name}`,
      contender: `page ${items / 20}`,
      unit: 'ms',
      rounds: deeps,
      against: { contender: 'page 1', rounds: firsts },
      at: cards,
      atUnit: 'cards',
    })
    rows.push({
      list: name,
      'page 1, p50 ms': first.toFixed(3),
      'deep page': items / 20,
      'deep, p50 ms': deep.toFixed(3),
      ratio: `${(deep / first).toFixed(2)}${deep <= 1.2 * first ? '' : ' (over 1.2)'}`,
    })
  }
  process.stdout.write(`\nDepth, ${cards.toLocaleString('en')} cards\n`)
  printTable(rows)
}
