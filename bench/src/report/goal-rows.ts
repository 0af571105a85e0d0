import { type Goal, goals } from '../goals.ts'
import { quantile } from '../quantiles.ts'
import type { Figure, Results } from './load-results.ts'

export interface GoalRow extends Goal {
  readonly verdict: 'met' | 'short' | 'not measured'
  /** The worst one's number; undefined where nothing was measured. */
  readonly figure: number | undefined
  readonly interval: readonly [number, number] | undefined
  /** Which measurements fall short, where the goal is about several. */
  readonly missing: readonly string[]
  readonly remark: string
}

/** Every promise with what was measured of it, none left out. */
export function goalRows({ figures }: Results): GoalRow[] {
  return goals.map((goal) => {
    const found = figures.filter(
      ({ suite, name, contender }) => suite === goal.suite && goal.name.test(name) && goal.contender.test(contender),
    )
    const numbers = found.map((figure) => ({ figure, number: numberOf(goal, figure) }))
    const measured = numbers.filter((each): each is { figure: Figure; number: number } => Number.isFinite(each.number))
    const worst = measured.toSorted((a, b) => distance(goal.goal, b.number) - distance(goal.goal, a.number))[0]
    if (worst === undefined) {
      return { ...goal, verdict: 'not measured', figure: undefined, interval: undefined, missing: [], remark: '' }
    }
    const short = measured.filter(({ number }) => !reaches(goal.goal, number))
    return {
      ...goal,
      verdict: short.length === 0 ? 'met' : 'short',
      figure: worst.number,
      interval:
        goal.of === 'p99' || goal.of === 'low' || (goal.of === 'value' && worst.figure.ratio !== undefined)
          ? undefined
          : worst.figure.interval,
      missing:
        measured.length > 1
          ? short.map(({ figure, number }) => `${labelOf(goal, figure)} ${number.toPrecision(3)}`)
          : [],
      remark: remarkOn(measured.length, worst.figure),
    }
  })
}

function numberOf({ of }: Goal, { ratio, value, interval, samples = [] }: Figure): number | undefined {
  if (of === 'ratio') return ratio
  if (of === 'low') return interval?.[0]
  return of === 'p99' ? quantile(samples, 0.99) : value
}

/** Whether a number reaches `≥ 0.8`, `0.85–1.15` and their like. */
export function reaches(goal: string, number: number): boolean {
  return distance(goal, number) <= 0
}

/** How far a number is on the wrong side of its goal; 0 and below where it reaches it. */
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

function labelOf({ name: pattern }: Goal, { name, contender }: Figure): string {
  const label = name.replace(/^[^:]*: /, '')
  return pattern.test(contender) || label === name ? contender : label
}

function remarkOn(count: number, { file: { quick, busy } }: Figure): string {
  return [count > 1 ? `the worst of ${count}` : '', quick ? 'quick run' : '', busy ? 'busy machine' : '']
    .filter(Boolean)
    .join(', ')
}
