import * as Plot from '@observablehq/plot'
import { number } from '../format.ts'
import type { Figure } from '../goal-rows.ts'
import { colors, type Picture, picture } from './plot.ts'

const legend = [
  { label: 'this project', color: colors.own },
  { label: 'a peer', color: colors.peer },
  { label: 'a limit', color: colors.limit },
]
const ownNames = /^@extropy|^Extropy|^tokens\.|^query function|^attributions|^token statistics|^on the fast path/

/** Every comparison with peers or a limit: throughputs, and the cost of a hit. */
export function peers(figures: readonly Figure[]): Picture[] {
  const groups = Map.groupBy(
    figures.filter(
      ({ unit, suite, name }) => (/\/s$/.test(unit) || unit === 'ns') && suite !== 'growth' && !/, against /.test(name),
    ),
    ({ suite, name }) => `${suite}: ${name}`,
  )
  return [...groups]
    .filter(([, group]) => group.length > 1)
    .map(([title, group], at) => bars(`peers-${at}`, title, group))
}

function bars(id: string, title: string, group: readonly Figure[]): Picture {
  const unit = group[0]?.unit ?? ''
  const isCost = unit === 'ns'
  const rows = group.toSorted((a, b) => (isCost ? a.value - b.value : b.value - a.value))
  const fill = ({ contender, limit }: Figure) =>
    limit ? colors.limit : ownNames.test(contender) ? colors.own : colors.peer
  const about = {
    id,
    title: `${title}, ${isCost ? 'ns a call: less is better' : `${unit}: more is better`}`,
    description: rows.map(({ contender, value }) => `${contender}: ${number(value)} ${unit}`).join('; '),
    legend,
  }
  const from = isCost ? 1 : 0
  return picture(about, () => ({
    height: 46 + rows.length * 38,
    marginLeft: 12,
    marginRight: 60,
    x: {
      label: isCost ? `${unit} (log)` : unit,
      grid: true,
      tickFormat: '~s',
      ticks: 5,
      ...(isCost ? { type: 'log', domain: [1, Math.max(...rows.map(({ value }) => value))] } : {}),
    },
    y: { domain: rows.map(({ contender }) => contender), axis: null, padding: 0.5 },
    marks: [
      Plot.barX(rows, { y: 'contender', x1: from, x2: 'value', fill: fill as never }),
      Plot.text(rows, { y: 'contender', x: from, text: 'contender', dy: -15, textAnchor: 'start', fontSize: 11 }),
      Plot.text(rows, {
        y: 'contender',
        x: 'value',
        text: ({ value }: Figure) => number(value),
        dx: 5,
        textAnchor: 'start',
        fontSize: 10,
      }),
    ],
  }))
}
