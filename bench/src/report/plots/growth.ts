import * as Plot from '@observablehq/plot'
import type { Figure, Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

/** What grows with rows, callers and entries, on logarithmic axes: a level line does not grow. */
export function growth(results: Results): Picture[] {
  return [...rows(results), ...callers(results), ...entries(results)]
}

interface Point {
  readonly read: string
  readonly family: string
  readonly at: number
  readonly value: number
}

function pointsOf({ figures }: Results, prefix: string): Point[] {
  return figures
    .filter(({ suite, name, at }) => suite === 'growth' && name.startsWith(prefix) && at !== undefined)
    .map(({ name, at = Number.NaN, value }: Figure) => {
      const read = name.slice(prefix.length)
      return { read, family: read.replace(/:.*/, ''), at, value }
    })
    .sort((a, b) => a.at - b.at)
}

/** Over this, a read's line is named. */
const steep = 1.3

function rows(results: Results): Picture[] {
  const points = pointsOf(results, 'rows: ')
  if (points.length === 0) return []
  const families = [...new Set(points.map(({ family }) => family))]
  const last = [...Map.groupBy(points, ({ read }) => read).values()].map((of) => {
    const [first, end] = [of[0] as Point, of.at(-1) as Point]
    return { ...end, isSteep: end.value > steep * first.value, label: end.read.replace(/^[^:]*: /, '') }
  })
  const about = {
    id: 'growth-rows',
    title: 'As tables grow: the median time of every list, count, search and look-up',
    description: `Lines by table. Those that grow by more than ${steep} times from the smallest to the largest size: ${
      last
        .filter(({ isSteep }) => isSteep)
        .map(({ read }) => read)
        .join('; ') || 'none'
    }.`,
    legend: [
      { label: `at most ${steep} times`, color: colors.own },
      { label: 'more', color: colors.series[1] },
    ],
  }
  const isSteep = ({ read }: Point) => last.some((each) => each.read === read && each.isSteep)
  return [
    picture(about, (_, isNarrow) => ({
      height: 50 + families.length * 100,
      marginTop: 38,
      marginLeft: 44,
      marginRight: isNarrow ? 84 : 150,
      marginBottom: 38,
      x: { type: 'log', label: 'cards (log)', tickFormat: '~s', ticks: 4, grid: true },
      y: { type: 'log', label: 'p50, ms (log)', tickFormat: '~r', ticks: 3, grid: true },
      fy: { domain: families, axis: null, padding: 0.25 },
      marks: [
        Plot.text(families, {
          fy: (name) => name,
          text: (name) => name,
          frameAnchor: 'top-left',
          dy: -13,
          fontWeight: 600,
          fontSize: 11,
        }),
        Plot.line(points, {
          fy: 'family',
          x: 'at',
          y: 'value',
          z: 'read',
          stroke: (point: Point) => (isSteep(point) ? colors.series[1] : colors.own),
          strokeOpacity: 0.8,
        }),
        Plot.dot(points, {
          fy: 'family',
          x: 'at',
          y: 'value',
          r: 2,
          fill: (point: Point) => (isSteep(point) ? colors.series[1] : colors.own),
        }),
        Plot.text(
          last.filter((each) => each.isSteep),
          {
            fy: 'family',
            x: 'at',
            y: 'value',
            text: 'label',
            dx: 6,
            textAnchor: 'start',
            fontSize: 9,
            lineWidth: isNarrow ? 8 : 14,
            lineAnchor: 'middle',
          },
        ),
      ],
    })),
  ]
}

function callers(results: Results): Picture[] {
  const points = pointsOf(results, 'callers: ').filter(({ read }) => !/, p\d\d$/.test(read))
  const about = { id: 'growth-callers', title: 'As callers grow: calls a second' }
  return lines(about, points, { at: 'callers at once (log)', value: 'calls/s (log)' })
}

function entries(results: Results): Picture[] {
  const points = pointsOf(results, 'entries: ')
  const about = {
    id: 'growth-entries',
    title: 'As the memory tier grows: the cost of a call, keys spread over all entries',
  }
  return lines(about, points, { at: 'entries (log)', value: 'ns (log)' })
}

function lines(
  about: Pick<Picture, 'id' | 'title'>,
  points: readonly Point[],
  labels: { at: string; value: string },
): Picture[] {
  if (points.length === 0) return []
  const names = [...new Set(points.map(({ read }) => read))]
  const colorOf = ({ read }: Point) => colors.series[names.indexOf(read)] ?? colors.peer
  const description = points.map(({ read, at, value }) => `${read} at ${at}: ${value.toPrecision(3)}`).join('; ')
  const legend = names.map((label, at) => ({ label, color: colors.series[at] ?? colors.peer }))
  return [
    picture({ ...about, description, legend }, () => ({
      height: 280,
      marginLeft: 52,
      marginBottom: 38,
      x: { type: 'log', label: labels.at, tickFormat: '~s', ticks: 5, grid: true },
      y: { type: 'log', label: labels.value, tickFormat: '~s', ticks: 4, grid: true },
      marks: [
        Plot.line(points, { x: 'at', y: 'value', z: 'read', stroke: colorOf, strokeWidth: 2 }),
        Plot.dot(points, { x: 'at', y: 'value', r: 3, fill: colorOf }),
      ],
    })),
  ]
}
