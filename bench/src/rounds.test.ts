import { beforeEach, expect, test, vi } from 'vitest'
import { goalRows } from './report/goal-rows.ts'
import { recorded } from './results.ts'
import { type Contender, measureInTurns, runTrial } from './rounds.ts'

beforeEach(() => {
  recorded.length = 0
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})

/** Gives the values one after the other, and notes each turn. */
function contender(name: string, values: readonly number[], turns: string[] = []): Contender {
  const left = [...values]
  return {
    name,
    async measure(seconds) {
      turns.push(`${name} ${seconds}`)
      return { value: left.shift() ?? Number.NaN, cpuMicros: 2 }
    },
  }
}

test('each contender is warmed up, and each round begins with another one', async () => {
  const turns: string[] = []
  const contenders = ['a', 'b', 'c'].map((name) => contender(name, [], turns))
  await measureInTurns(contenders, { rounds: 2, seconds: 1, warmUpSeconds: 3 })
  expect(turns).toEqual(['a 3', 'b 3', 'c 3', 'a 1', 'b 1', 'c 1', 'b 1', 'c 1', 'a 1'])
})

test("a ratio is the median of the rounds' own ratios, and each comparison is recorded with its goals", async () => {
  const goal = 'cached GET /api/cards / bare node:http'
  const further = 'cached GET /api/cards / Fastify with our duties'
  await runTrial({
    suite: 'http',
    name: 'cached',
    unit: 'requests/s',
    rounds: 3,
    seconds: 1,
    contenders: [
      contender('ours', [80, 40, 10]),
      { ...contender('bare', [100, 50, 100]), isLimit: true },
      contender('duties', [40, 20, 5]),
    ],
    comparisons: [
      { of: 'ours', to: 'bare', goals: [goal] },
      { of: 'ours', to: 'duties', goals: [further, undefined] },
      { of: 'ours', to: 'nobody' },
    ],
  })
  const figures = recorded.filter(({ unit }) => unit === 'requests/s')
  expect(
    figures.map(({ name, contender, value, ratioTo, ratio, goals }) => [name, contender, value, ratioTo, ratio, goals]),
  ).toEqual([
    ['cached', 'ours', 40, 'bare', 0.8, [goal]],
    ['cached, against duties', 'ours', 40, 'duties', 2, [further]],
    ['cached', 'bare', 100, undefined, undefined, undefined],
    ['cached', 'duties', 20, undefined, undefined, undefined],
  ])
  expect(figures.find(({ contender }) => contender === 'bare')?.limit).toBe(true)
  expect(recorded.find(({ name }) => name === 'cached, CPU time')).toMatchObject({ value: 2, unit: 'µs' })
  const measured = goalRows(recorded).filter(({ verdict }) => verdict !== 'not measured')
  expect(measured.map(({ name, figure, verdict }) => [name, figure, verdict])).toEqual([
    [goal, 0.8, 'met'],
    [further, 2, 'met'],
  ])
})
