import * as Plot from '@observablehq/plot'
import type { Figure, Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

const legend = [
  { label: 'this project', color: colors.own },
  { label: 'a peer', color: colors.peer },
  { label: 'a limit', color: colors.limit },
]
const ownNames = /^@extropy|^Extropy|^tokens\.|^query function|this package/

/** Every comparison that has peers or a limit in it: throughputs, and what a hit costs. */
export function peers({ figures }: Results): Picture[] {
  const groups = Map.groupBy(
    figures.filter(({ unit, suite }) => (/\/s$/.test(unit) || unit === 'ns') && suite !== 'growth'),
    ({ suite, name }) => `${suite}: ${name.replace(' against pgbench', '')}`,
  )
  return [...groups]
    .filter(([, group]) => new Set(group.map(({ contender }) => contender)).size > 1)
    .map(([title, group], at) => bars(`peers-${at}`, title, group))
}

function bars(id: string, title: string, group: readonly Figure[]): Picture {
  const unit = group[0]?.unit ?? ''
  const isCost = unit === 'ns'
  const bySpeed = [...new Map(group.map((figure) => [figure.contender, figure])).values()].sort((a, b) =>
    isCost ? a.value - b.value : b.value - a.value,
  )
  const kindOf = ({ contender, limit }: Figure) =>
    limit ? colors.limit : ownNames.test(contender) ? colors.own : colors.peer
  const about = {
    id,
    title: `${title}, ${isCost ? 'ns a call: less is better' : `${unit}: more is better`}`,
    description: bySpeed.map(({ contender, value }) => `${contender}: ${amount(value)} ${unit}`).join('; '),
    legend,
  }
  return picture(about, () => ({
    height: 46 + bySpeed.length * 38,
    marginLeft: 12,
    marginRight: 60,
    marginBottom: 38,
    x: isCost
      ? {
          type: 'log',
          label: `${unit} (log)`,
          grid: true,
          tickFormat: '~s',
          ticks: 5,
          domain: [1, Math.max(...bySpeed.map(({ value }) => value))],
        }
      : { label: unit, grid: true, tickFormat: '~s', ticks: 5 },
    y: { domain: bySpeed.map(({ contender }) => contender), axis: null, padding: 0.5 },
    marks: [
      Plot.barX(bySpeed, { y: 'contender', x1: isCost ? 1 : 0, x2: 'value', fill: kindOf as never }),
      Plot.text(bySpeed, {
        y: 'contender',
        x: isCost ? 1 : 0,
        text: 'contender',
        dy: -15,
        textAnchor: 'start',
        fontSize: 11,
      }),
      Plot.text(bySpeed, {
        y: 'contender',
        x: 'value',
        text: ({ value }: Figure) => amount(value),
        dx: 5,
        textAnchor: 'start',
        fontSize: 10,
      }),
    ],
  }))
}

function amount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
