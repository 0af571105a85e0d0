import { quantile } from '../ratio.ts'
import { number } from './format.ts'
import { type Figure, type GoalRow, goalRows } from './goal-rows.ts'

export const columns = ['endpoint', 'no connection reused', 'before', 'after', 'p50', 'p99', 'less than before', 'goal']

/** The main table, in cells; a row that was not measured says so. Figures that fall short are bold. */
export function beforeAfterRows(figures: readonly Figure[]): string[][] {
  const rows = goalRows(figures).filter(({ suite }) => suite === 'before-after')
  const bold = ({ verdict }: GoalRow, text: string) => (verdict === 'short' ? `**${text}**` : text)
  const lessOf = (ratio: number) => `${Math.round(100 * (1 - ratio))} %`
  return rows
    .filter(({ name }) => name.endsWith(': mean, ms'))
    .map((mean) => {
      const endpoint = mean.name.replace(': mean, ms', '')
      const share = rows.find(({ name }) => name.startsWith(`${endpoint}: after / before (`)) as GoalRow
      const [noPool, before, after] = ['before, no connection reused', 'before', 'after'].map((mode) =>
        figures.find((each) => each.suite === 'before-after' && each.name === endpoint && each.contender === mode),
      )
      const goal = `${mean.bound} ms, ${lessOf(Number(share.bound.replace('≤ ', '')))} less`
      if (!noPool || !before || !after) return [endpoint, ...Array(6).fill('not measured'), goal]
      const [p50, p99] = [0.5, 0.99].map((q) => quantile(after.samples ?? [], q))
      const less = bold(share, lessOf(share.figure ?? Number.NaN))
      return [endpoint, ms(noPool.value), ms(before.value), bold(mean, ms(after.value)), ms(p50), ms(p99), less, goal]
    })
}

const ms = (value = Number.NaN): string => `${number(value)} ms`
