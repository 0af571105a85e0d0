import * as Plot from '@observablehq/plot'
import { type About, colors, facetNames, type Picture, picture } from './plot.ts'

/** One row of a facet: a value, and the way from `low` to `high` around it. */
export interface Dot {
  readonly facet: string
  readonly row: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly text: string
  readonly color?: string
}

/** Facets of dots with the ways around them, one below the other; none where there are no dots. */
export function dots(
  about: Omit<About, 'description'>,
  { label, isLog = false, rowsOnAxis = true }: { label: string; isLog?: boolean; rowsOnAxis?: boolean },
  points: readonly Dot[],
): Picture[] {
  if (points.length === 0) return []
  const unique = (of: 'facet' | 'row') => [...new Set(points.map((point) => point[of]))]
  const facets = unique('facet')
  const stroke = ({ color = colors.own }: Dot) => color
  const description = points.map(({ facet, row, text }) => `${facet}, ${row}: ${text}`).join('; ')
  return [
    picture({ ...about, description }, (isNarrow) => ({
      height: 50 + facets.length * 30 + points.length * 26,
      marginLeft: rowsOnAxis ? (isNarrow ? 120 : 190) : 12,
      marginRight: isNarrow ? 44 : 60,
      x: isLog ? { type: 'log', label, grid: true, tickFormat: '~s', ticks: 5 } : { label, grid: true, ticks: 5 },
      y: { domain: unique('row'), label: '', tickSize: 0, axis: rowsOnAxis ? 'left' : null },
      fy: { domain: facets, axis: null, padding: 0.3 },
      marks: [
        facetNames(facets),
        Plot.ruleY(points, {
          fy: 'facet',
          y: 'row',
          x1: 'low',
          x2: 'high',
          stroke,
          strokeWidth: 3,
          strokeOpacity: 0.45,
        }),
        Plot.dot(points, { fy: 'facet', y: 'row', x: 'value', r: 4.5, fill: stroke }),
        Plot.text(points, { fy: 'facet', y: 'row', x: 'high', text: 'text', dx: 6, textAnchor: 'start', fontSize: 10 }),
      ],
    })),
  ]
}
