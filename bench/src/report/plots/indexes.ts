import * as Plot from '@observablehq/plot'
import type { Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

/** Each named index's query with it and without it. */
export function indexes({ figures }: Results): Picture[] {
  const measured = figures.filter(({ suite, name }) => suite === 'db' && name.startsWith('index by index: '))
  const byIndex = Map.groupBy(measured, ({ name }) => name.replace('index by index: ', ''))
  const pairs = [...byIndex].flatMap(([index, of]) => {
    const [present, absent] = ['with', 'without'].map((kind) => of.find(({ contender }) => contender === kind)?.value)
    return present === undefined || absent === undefined ? [] : [{ index, with: present, without: absent }]
  })
  if (pairs.length === 0) return []
  pairs.sort((a, b) => b.without / b.with - a.without / a.with)
  const about = {
    id: 'indexes',
    title: `Index by index: the median time of its query with and without it, ${measured[0]?.at?.toLocaleString('en')} cards`,
    description: pairs.map((each) => `${each.index}: ${each.with} ms with, ${each.without} ms without`).join('; '),
    legend: [
      { label: 'with the index', color: colors.own },
      { label: 'without', color: colors.series[1] },
    ],
  }
  return [
    picture(about, () => ({
      height: 50 + pairs.length * 36,
      marginLeft: 12,
      marginRight: 56,
      marginBottom: 38,
      x: { type: 'log', label: 'p50, ms (log)', grid: true, tickFormat: '~s', ticks: 5 },
      y: { domain: pairs.map(({ index }) => index), axis: null, padding: 0.5 },
      marks: [
        Plot.text(pairs, {
          y: 'index',
          frameAnchor: 'left',
          text: 'index',
          dy: -14,
          textAnchor: 'start',
          fontSize: 11,
        }),
        Plot.ruleY(pairs, {
          y: 'index',
          x1: 'with',
          x2: 'without',
          stroke: 'currentColor',
          strokeOpacity: 0.4,
          strokeWidth: 2,
        }),
        Plot.dot(pairs, { y: 'index', x: 'without', r: 5, fill: colors.series[1] }),
        Plot.dot(pairs, { y: 'index', x: 'with', r: 5, fill: colors.own }),
        Plot.text(pairs, {
          y: 'index',
          x: (each) => Math.max(each.with, each.without),
          text: (each) => `${(each.without / each.with).toPrecision(2)} ×`,
          dx: 9,
          textAnchor: 'start',
          fontSize: 10,
        }),
      ],
    })),
  ]
}
