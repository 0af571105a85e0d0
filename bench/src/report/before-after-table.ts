import { quantile } from '../quantiles.ts'
import { number } from './format.ts'
import type { Results } from './load-results.ts'

/** The main table's rows: what was promised of each. */
const promised = [
  { name: 'GET /health', afterMs: 5, improvement: 97 },
  { name: 'GET /api/cards, first', afterMs: 80, improvement: 60 },
  { name: 'GET /api/cards, cached', afterMs: 2, improvement: 99 },
  { name: 'POST /query/rag', afterMs: 150, improvement: 70 },
]
export const columns = ['endpoint', 'no connection reused', 'before', 'after', 'p50', 'p99', 'less than before', 'goal']

/** The main table, in cells; a row that was not measured says so. What falls short is bold. */
export function beforeAfterRows({ figures }: Results, bold: (text: string) => string): string[][] {
  return promised.map(({ name, afterMs, improvement }) => {
    const find = (contender: string) =>
      figures.find((each) => each.suite === 'before-after' && each.name === name && each.contender === contender)
    const [noPool, before, after] = ['before, no connection reused', 'before', 'after'].map(find)
    const goal = `≤ ${afterMs} ms, ${improvement} % less`
    if (before === undefined || after === undefined) return [name, ...Array(6).fill('not measured'), goal]
    const less = 100 * (1 - (after.ratio ?? after.value / before.value))
    const lessText = `${Math.round(less)} %`
    return [
      name,
      ms(noPool?.value),
      ms(before.value),
      after.value <= afterMs ? ms(after.value) : bold(ms(after.value)),
      ms(quantile(after.samples ?? [], 0.5)),
      ms(quantile(after.samples ?? [], 0.99)),
      less >= improvement ? lessText : bold(lessText),
      goal,
    ]
  })
}

function ms(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? 'not measured' : `${number(value)} ms`
}
