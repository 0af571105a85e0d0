import { quantile } from '../ratio.ts'
import { number } from './format.ts'
import type { Figure } from './goal-rows.ts'
import { dots } from './plots/dots.ts'
import { lines } from './plots/lines.ts'
import { peers } from './plots/peers.ts'
import { colors, type Picture } from './plots/plot.ts'

export interface Section {
  readonly title: string
  /** None: it was not measured. */
  readonly pictures: readonly Picture[]
  readonly command: string
}

export function sectionsOf(figures: readonly Figure[]): Section[] {
  return [
    { title: 'Response times', pictures: beforeAfter(figures), command: 'pnpm bench before-after' },
    { title: 'Against peers and limits', pictures: peers(figures), command: 'pnpm bench' },
    { title: 'Growth', pictures: growingTables(figures), command: 'pnpm bench growth' },
    { title: 'Indexes', pictures: indexes(figures), command: 'pnpm bench db' },
    {
      title: 'Search',
      pictures: retrieval(figures),
      command: 'pnpm bench retrieval --collection DIR',
    },
  ]
}

const modeColors: Readonly<Record<string, string>> = {
  'before, no connection reused': colors.series[2],
  before: colors.series[1],
  after: colors.series[0],
}

/** The main table as a picture: the mean, and the way from the median to the 99th percentile. */
export function beforeAfter(figures: readonly Figure[]): Picture[] {
  const points = figures
    .filter(({ suite, name }) => suite === 'before-after' && !name.includes(', against '))
    .map(({ name, contender, value, samples = [value] }) => ({
      facet: name,
      row: contender,
      value,
      low: quantile(samples, 0.5),
      high: quantile(samples, 0.99),
      text: number(value),
      color: modeColors[contender] ?? colors.peer,
    }))
  const legend = Object.entries(modeColors).map(([label, color]) => ({ label, color }))
  const about = { id: 'before-after', title: 'Before and after: response times of one caller, warm', legend }
  return dots(about, { label: 'mean, and median to 99th percentile: ms (log)', isLog: true }, points)
}

/** Over this, a read's line is named. */
const steep = 1.3

/** Every read by the size of its table, on logarithmic axes: a level line does not grow. */
function growingTables(figures: readonly Figure[]): Picture[] {
  const measured = figures.flatMap(({ suite, name, at, value }) =>
    suite === 'growth' && name.startsWith('rows: ') && at !== undefined ? [{ at, value, line: name.slice(6) }] : [],
  )
  const points = [...Map.groupBy(measured, ({ line }) => line).values()].flatMap((of) => {
    const sorted = of.toSorted((a, b) => a.at - b.at)
    const last = sorted.at(-1)
    const isSteep = (last?.value ?? 0) > steep * (sorted[0]?.value ?? 0)
    return sorted.map((point) => ({
      ...point,
      facet: point.line.replace(/:.*/, ''),
      color: isSteep ? colors.series[1] : colors.own,
      label: isSteep && point === last ? point.line.replace(/^[^:]*: /, '') : undefined,
    }))
  })
  const legend = [
    { label: `grows by at most ${steep} times`, color: colors.own },
    { label: 'by more', color: colors.series[1] },
  ]
  const title = 'As tables grow: the median time of every list, count, search and look-up'
  const description = `By table; steep: ${points.flatMap(({ label }) => label ?? []).join('; ') || 'none'}.`
  return lines({ id: 'growth-rows', title, description, legend }, { x: 'cards (log)', y: 'ms (log)' }, points)
}

/** Each named index's query with it and without it. */
function indexes(figures: readonly Figure[]): Picture[] {
  const points = figures
    .filter(
      ({ suite, name, contender }) => suite === 'db' && name.startsWith('index by index') && contender === 'without',
    )
    .sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0))
    .map(({ name, value, ratio = 1 }) => ({
      facet: name.replace('index by index: ', ''),
      row: 'with and without',
      value,
      low: Math.min(value, value / ratio),
      high: Math.max(value, value / ratio),
      text: `${ratio.toPrecision(2)} ×`,
      color: colors.series[1],
    }))
  const title = 'Index by index: the median time of its query without it; the line begins at the time with it'
  return dots({ id: 'indexes', title }, { label: 'p50, ms (log)', isLog: true, rowsOnAxis: false }, points)
}

/** nDCG@10 of each leg on each collection, with 95 % intervals. */
function retrieval(figures: readonly Figure[]): Picture[] {
  const points = figures
    .filter(({ suite, name, contender }) => suite === 'retrieval' && /nDCG@10$/.test(name) && !/ - /.test(contender))
    .map(({ name, contender: row, value, interval: [low, high] = [value, value] }) => {
      return { facet: name.replace(/:.*/, ''), row, value, low, high, text: value.toFixed(3) }
    })
  const title = 'Found what people judged relevant: nDCG@10, 95 % intervals'
  return dots({ id: 'retrieval', title }, { label: 'nDCG@10' }, points)
}
