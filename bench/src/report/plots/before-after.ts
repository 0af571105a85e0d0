import * as Plot from '@observablehq/plot'
import { quantile } from '../../quantiles.ts'
import type { Figure, Results } from '../load-results.ts'
import { colors, type Picture, picture } from './plot.ts'

const modes = ['before, no connection reused', 'before', 'after']
const modeColors = [colors.series[2], colors.series[1], colors.series[0]]
const legend = modes.map((label, at) => ({ label, color: modeColors[at] ?? colors.own }))

const isWarm = ({ suite, name }: Figure) =>
  suite === 'before-after' && !name.includes(', 16 callers') && !/, a[a-z]+ /.test(name)

/** The main table as a picture: the mean, and the way from the median to the 99th percentile. */
export function beforeAfter({ figures }: Results): Picture[] {
  const warm = figures.filter(isWarm)
  if (warm.length === 0) return []
  const endpoints = [...new Set(warm.map(({ name }) => name))]
  const points = warm.map(({ name, contender, value, samples = [value] }) => {
    return { name, contender, value, p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) }
  })
  const about = {
    id: 'before-after',
    title: 'Before and after: response times of one caller, warm',
    description: points.map(({ name, contender, value }) => `${name}, ${contender}: ${value.toFixed(2)} ms`).join('; '),
    legend,
  }
  return [
    picture(about, (_, isNarrow) => ({
      height: 40 + endpoints.length * 74,
      marginLeft: isNarrow ? 12 : 170,
      marginRight: isNarrow ? 44 : 60,
      marginBottom: 38,
      x: {
        type: 'log',
        label: 'mean, and median to 99th percentile: ms (log)',
        grid: true,
        tickFormat: '~s',
        ticks: 5,
      },
      y: { domain: modes, label: null, tickSize: 0, axis: isNarrow ? null : 'left' },
      fy: { domain: endpoints, axis: null, padding: 0.3 },
      marks: [
        Plot.text(endpoints, {
          fy: (name) => name,
          text: (name) => name,
          frameAnchor: 'top-left',
          dy: -13,
          fontWeight: 600,
          fontSize: 11,
        }),
        Plot.ruleY(points, {
          fy: 'name',
          y: 'contender',
          x1: 'p50',
          x2: 'p99',
          stroke: colorOf,
          strokeWidth: 3,
          strokeOpacity: 0.45,
        }),
        Plot.dot(points, { fy: 'name', y: 'contender', x: 'value', r: 4.5, fill: colorOf }),
        Plot.text(points, {
          fy: 'name',
          y: 'contender',
          x: 'p99',
          text: ({ value }) => short(value),
          dx: 6,
          textAnchor: 'start',
          fontSize: 10,
        }),
      ],
    })),
  ]
}

/** What share of the requests was answered within how long. */
export function distributions({ figures }: Results): Picture[] {
  const measured = figures.filter((figure) => isWarm(figure) && (figure.samples?.length ?? 0) > 20)
  if (measured.length === 0) return []
  const endpoints = [...new Set(measured.map(({ name }) => name))]
  const points = measured.flatMap(({ name, contender, samples = [] }) =>
    [...samples]
      .sort((a, b) => a - b)
      .map((ms, at, all) => ({ name, contender, ms, share: (100 * (at + 1)) / all.length })),
  )
  const about = {
    id: 'distributions',
    title: 'Latency distributions: the share of requests answered within a time',
    description: `One curve per mode for ${endpoints.join(', ')}; the further left, the faster.`,
    legend,
  }
  return [
    picture(about, () => ({
      height: 40 + endpoints.length * 110,
      marginTop: 38,
      marginLeft: 40,
      marginBottom: 38,
      x: { type: 'log', label: 'answered within: ms (log)', grid: true, tickFormat: '~s', ticks: 5 },
      y: { label: 'share of the requests, %', domain: [0, 100], ticks: [0, 50, 100], grid: true },
      fy: { domain: endpoints, axis: null, padding: 0.25 },
      marks: [
        Plot.text(endpoints, {
          fy: (name) => name,
          text: (name) => name,
          frameAnchor: 'top-left',
          dy: -13,
          fontWeight: 600,
          fontSize: 11,
        }),
        Plot.line(points, {
          fy: 'name',
          x: 'ms',
          y: 'share',
          z: 'contender',
          stroke: colorOf,
          strokeWidth: 2,
          curve: 'step-after',
        }),
      ],
    })),
  ]
}

function colorOf({ contender }: { readonly contender: string }): string {
  return modeColors[modes.indexOf(contender)] ?? colors.peer
}

function short(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)
}
