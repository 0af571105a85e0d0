import * as Plot from '@observablehq/plot'
import type { Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

/** nDCG@10 of each leg on each collection, with 95 % intervals; recall@10 of the vector index. */
export function retrieval({ figures }: Results): Picture[] {
  const scores = figures
    .filter(
      ({ suite, name, contender }) => suite === 'retrieval' && name.endsWith('nDCG@10') && !contender.includes(' - '),
    )
    .map(({ name, contender, value, interval = [value, value] }) => {
      const [low, high] = interval
      return { collection: name.replace(/:.*/, ''), contender, value, low, high }
    })
  const recalls = figures
    .filter(({ suite, name }) => suite === 'recall' && name === 'recall@10')
    .map(({ contender, value }) => ({ collection: 'recall@10', contender, value, low: value, high: value }))
  return [
    ...dots('retrieval', 'Found what people judged relevant: nDCG@10, 95 % intervals', 'nDCG@10', scores),
    ...dots('recall', 'Recall@10 of the vector index against exact search', 'share of the ten nearest found', recalls),
  ]
}

interface Scored {
  readonly collection: string
  readonly contender: string
  readonly value: number
  readonly low: number
  readonly high: number
}

function dots(id: string, title: string, label: string, points: readonly Scored[]): Picture[] {
  if (points.length === 0) return []
  const collections = [...new Set(points.map(({ collection }) => collection))]
  const description = points.map((each) => `${each.collection}, ${each.contender}: ${each.value.toFixed(3)}`).join('; ')
  return [
    picture({ id, title, description }, (_, isNarrow) => ({
      height: 50 + collections.length * 30 + points.length * 26,
      marginLeft: isNarrow ? 120 : 190,
      marginRight: 44,
      marginBottom: 38,
      x: { label, grid: true, ticks: 5 },
      y: { label: '', domain: [...new Set(points.map(({ contender }) => contender))] },
      fy: { domain: collections, axis: null, padding: 0.3 },
      marks: [
        Plot.text(collections, {
          fy: (name) => name,
          text: (name) => name,
          frameAnchor: 'top-left',
          dy: -13,
          fontWeight: 600,
          fontSize: 11,
        }),
        Plot.ruleY(points, {
          fy: 'collection',
          y: 'contender',
          x1: 'low',
          x2: 'high',
          stroke: colors.own,
          strokeWidth: 3,
          strokeOpacity: 0.45,
        }),
        Plot.dot(points, { fy: 'collection', y: 'contender', x: 'value', r: 4.5, fill: colors.own }),
        Plot.text(points, {
          fy: 'collection',
          y: 'contender',
          x: 'high',
          text: ({ value }: Scored) => value.toFixed(3),
          dx: 6,
          textAnchor: 'start',
          fontSize: 10,
        }),
      ],
    })),
  ]
}
