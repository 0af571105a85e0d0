import { type Goal, goals } from '../goals.ts'
import { quantile } from '../ratio.ts'
import type { Measurement, ResultFile } from '../results.ts'

/** A measurement, and the file that it comes from; none where it was measured just now. */
export type Figure = Measurement & { readonly file?: ResultFile }

export interface GoalRow extends Goal {
  readonly verdict: 'met' | 'short' | 'not measured'
  /** The worst one's number; undefined where nothing was measured. */
  readonly figure: number | undefined
  readonly interval: readonly [number, number] | undefined
  /** The measurements that fall short, where several are held to the goal. */
  readonly missing: readonly string[]
  readonly remark: string
}

/** Every goal with its measured figure, none left out. */
export function goalRows(figures: readonly Figure[]): GoalRow[] {
  return goals.map((goal) => {
    const measured = figures
      .filter(({ goals = [] }) => goals.includes(goal.name))
      .map((figure) => ({ figure, number: numberOf(goal, figure) ?? Number.NaN }))
      .filter(({ number }) => Number.isFinite(number))
      .sort((a, b) => distance(goal.bound, b.number) - distance(goal.bound, a.number))
    const [worst] = measured
    if (worst === undefined)
      return { ...goal, verdict: 'not measured', figure: undefined, interval: undefined, missing: [], remark: '' }
    const short = measured.filter(({ number }) => !reaches(goal.bound, number))
    const { ratio, interval, file } = worst.figure
    const hasInterval = goal.of === 'ratio' || (goal.of === 'value' && ratio === undefined)
    return {
      ...goal,
      verdict: short.length === 0 ? 'met' : 'short',
      figure: worst.number,
      interval: hasInterval ? interval : undefined,
      missing:
        measured.length > 1 ? short.map(({ figure, number }) => `${labelOf(figure)} ${number.toPrecision(3)}`) : [],
      remark: [
        measured.length > 1 ? `the worst of ${measured.length}` : '',
        file?.quick ? 'quick run' : '',
        file?.busy ? 'busy machine' : '',
      ]
        .filter(Boolean)
        .join(', '),
    }
  })
}

function numberOf({ of }: Goal, { ratio, value, interval, samples = [] }: Figure): number | undefined {
  if (of === 'ratio') return ratio
  if (of === 'low') return interval?.[0]
  return of === 'p99' ? quantile(samples, 0.99) : value
}

/** Whether a number reaches `≥ 0.8`, `0.85–1.15` and their like. */
export function reaches(bound: string, number: number): boolean {
  return distance(bound, number) <= 0
}

/** How far a number is on the wrong side of its bound; 0 and below where it reaches it. */
function distance(goal: string, number: number): number {
  const [, low, high] = /^([\d.]+)–([\d.]+)$/.exec(goal) ?? []
  if (low !== undefined) return Math.max(Number(low) - number, number - Number(high))
  const [, sign, text] = /^([≥≤<>=]) (-?[\d.]+)$/.exec(goal) ?? []
  const bound = Number(text)
  // A number that is exactly on a bound that does not count is just short of it.
  const strictly = number === bound ? Number.MIN_VALUE : 0
  if (sign === '≥') return bound - number
  if (sign === '≤') return number - bound
  if (sign === '>') return bound - number + strictly
  if (sign === '<') return number - bound + strictly
  if (sign === '=') return Math.abs(number - bound)
  throw new Error(`not a goal: ${goal}`)
}

/** The name without the part that the goal's row repeats: `rows: cards: list`, at a million cards, is `cards: list`. */
function labelOf({ name, contender }: Figure): string {
  const [, rest = name] = /^[^:]*: (.*)$/.exec(name) ?? []
  return rest === name ? `${name}, ${contender}` : rest
}
