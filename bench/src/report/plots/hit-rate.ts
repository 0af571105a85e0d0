import * as Plot from '@observablehq/plot'
import type { Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

/** The share of reads that the cache answered, second by second. */
export function hitRate({ figures }: Results): Picture[] {
  const points = figures
    .filter(({ name, atUnit }) => /hit rate/.test(name) && atUnit === 's')
    .map(({ at = Number.NaN, value }) => ({ at, value }))
    .sort((a, b) => a.at - b.at)
  const last = points.at(-1)
  if (last === undefined) return []
  const about = {
    id: 'hit-rate',
    title: 'Hit rate over time: Zipf reads, 2 % writes',
    description: `From ${points[0]?.value.toFixed(0)} % in the first second to ${last.value.toFixed(0)} % in the last.`,
  }
  return [
    picture(about, () => ({
      height: 240,
      marginLeft: 44,
      marginBottom: 38,
      x: { label: 's since the start', grid: true },
      y: { label: 'reads answered by the cache, %', domain: [0, 100], grid: true },
      marks: [
        Plot.ruleY([90], { stroke: colors.limit, strokeDasharray: '4 4' }),
        Plot.line(points, { x: 'at', y: 'value', stroke: colors.own, strokeWidth: 2 }),
        Plot.dot(points, { x: 'at', y: 'value', fill: colors.own, r: 2.5 }),
      ],
    })),
  ]
}
