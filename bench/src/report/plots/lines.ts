import * as Plot from '@observablehq/plot'
import { type About, colors, facetNames, type Picture, picture } from './plot.ts'

export interface Point {
  readonly facet: string
  /** The line that it is a point of. */
  readonly line: string
  readonly at: number
  readonly value: number
  readonly color?: string
  /** Of a line that is named where it ends: at its last point. */
  readonly label?: string | undefined
}

/** Lines on logarithmic axes, in facets one below the other; none where there are no points. */
export function lines(
  about: About,
  axes: { readonly x: string; readonly y: string },
  points: readonly Point[],
): Picture[] {
  if (points.length === 0) return []
  const facets = [...new Set(points.map(({ facet }) => facet))]
  const color = ({ color: chosen = colors.own }: Point) => chosen
  const labels = points.filter(({ label }) => label !== undefined)
  const place = { fy: 'facet', x: 'at', y: 'value' }
  const scale = { type: 'log', tickFormat: '~s', grid: true } as const
  const text = { text: 'label', dx: 6, textAnchor: 'start', fontSize: 9, lineAnchor: 'middle' } as const
  return [
    picture(about, (isNarrow) => ({
      height: 50 + facets.length * 100,
      marginTop: 38,
      marginLeft: 52,
      marginRight: isNarrow ? 84 : 150,
      x: { ...scale, label: axes.x, ticks: 4 },
      y: { ...scale, label: axes.y, ticks: 3 },
      fy: { domain: facets, axis: null, padding: 0.25 },
      marks: [
        facetNames(facets),
        Plot.line(points, { ...place, z: 'line', stroke: color, strokeOpacity: 0.8 }),
        Plot.dot(points, { ...place, r: 2, fill: color }),
        Plot.text(labels, { ...place, ...text, lineWidth: isNarrow ? 8 : 14 }),
      ],
    })),
  ]
}
