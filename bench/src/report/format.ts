import type { GoalRow } from './goal-rows.ts'
import type { Results } from './load-results.ts'

export function figureOf({ figure, interval, verdict }: GoalRow): string {
  if (figure === undefined) return verdict
  const bounds = interval === undefined ? '' : ` (${number(interval[0])} to ${number(interval[1])})`
  return `${number(figure)}${bounds}`
}

/** Three digits say all that a measurement knows. */
export function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}

export function noteOn({ missing, remark }: GoalRow): string {
  const short = missing.length === 0 ? '' : `short: ${missing.join(', ')}`
  return [remark, short].filter(Boolean).join('; ')
}

/** One line for each result file: when, where and how it was measured. */
export function runLines({ files }: Results): string[] {
  return files.map((file) => {
    const { machine, versions } = file
    const name = file.part === undefined ? file.suite : `${file.suite}, ${file.part}`
    return [
      `${name}: ${file.startedAt.slice(0, 10)}, commit ${file.commit}`,
      `${file.quick ? 'quick' : 'full'}, ${file.seconds} s`,
      `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB`,
      `node ${versions.node}${versions.PostgreSQL === undefined ? '' : `, PostgreSQL ${versions.PostgreSQL}`}`,
      ...(file.busy ? [`on a busy machine (${Math.round(file.busyShare * 100)} % in use before the run)`] : []),
      ...(file.data.length === 0 ? [] : [`data: ${file.data.join(' / ')}`]),
      ...file.skipped.map((each) => `left out: ${each}`),
    ].join('; ')
  })
}
