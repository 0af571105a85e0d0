import { type ReplayResult, sumOf } from './run.ts'

/** The outcome of a replay, for a terminal. */
export function describeReplay(result: ReplayResult): string {
  const { byKind, bySecond, afterWrites, writes, seconds, hitRate, stale, unexplained, examples } = result
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const counts = [
    ...byKind,
    ['all', sumOf([...byKind.values()])] as const,
    ['right after a write', afterWrites] as const,
  ]
  const lines = counts.map(
    ([kind, { reads, hits, stale: old }]) =>
      `${kind.padEnd(24)}${`${reads}`.padStart(8)} reads  ${percent(hits / reads).padStart(7)} from the cache  ${old} stale`,
  )
  const later = sumOf(bySecond.slice(Math.floor(bySecond.length / 2)))
  const written = [...writes].map(([kind, count]) => `${count} ${kind}`).join(', ')
  return [
    ...lines,
    `${seconds.toFixed(0)} s; writes: ${written || 'none'}`,
    `hit rate ${hitRate.toFixed(1)} % from an empty cache on, ${percent(later.hits / later.reads)} in the second half`,
    `stale reads: ${stale}; answers that the model can't explain, or has otherwise than the database: ${unexplained}`,
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}
