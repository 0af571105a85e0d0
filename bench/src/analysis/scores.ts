/** F1 of the true ones. */
export function f1(pairs: readonly (readonly [said: boolean, isTrue: boolean])[]): number {
  const hits = pairs.filter(([said, isTrue]) => said && isTrue).length
  const said = pairs.filter(([said]) => said).length
  const all = pairs.filter(([, isTrue]) => isTrue).length
  return hits === 0 ? 0 : (2 * hits) / (said + all)
}

/** Over the classes that occur in the gold. */
export function macroF1(pairs: readonly (readonly [said: string, gold: string])[]): number {
  return mean(
    [...new Set(pairs.map(([, gold]) => gold))].map((c) => f1(pairs.map(([said, gold]) => [said === c, gold === c]))),
  )
}

/** Area under the ROC curve; ties count half. */
export function auc(pairs: readonly (readonly [score: number, isTrue: boolean])[]): number {
  const sorted = pairs.toSorted(([a], [b]) => a - b)
  let [at, sum] = [0, 0]
  while (at < sorted.length) {
    let end = at
    while (end < sorted.length && sorted[end]?.[0] === sorted[at]?.[0]) end++
    for (let row = at; row < end; row++) if (sorted[row]?.[1]) sum += (at + end + 1) / 2
    at = end
  }
  const yes = pairs.filter(([, isTrue]) => isTrue).length
  return (sum - (yes * (yes + 1)) / 2) / (yes * (pairs.length - yes))
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** Normalised mutual information (arithmetic mean) and the adjusted Rand index of two groupings. */
export function compareGroupings(said: readonly number[], gold: readonly string[]): { nmi: number; ari: number } {
  const cells = new Map<string, number>()
  const rows = new Map<number, number>()
  const columns = new Map<string, number>()
  for (const [at, group] of said.entries()) {
    const of = gold[at] ?? ''
    add(cells, `${group} ${of}`)
    add(rows, group)
    add(columns, of)
  }
  const n = said.length
  const entropy = (counts: Iterable<number>) => [...counts].reduce((sum, c) => sum - (c / n) * Math.log(c / n), 0)
  const together = entropy(rows.values()) + entropy(columns.values())
  const pairs = (counts: Iterable<number>) => [...counts].reduce((sum, c) => sum + (c * (c - 1)) / 2, 0)
  const expected = (pairs(rows.values()) * pairs(columns.values())) / ((n * (n - 1)) / 2)
  const most = (pairs(rows.values()) + pairs(columns.values())) / 2
  return {
    nmi: together === 0 ? 1 : (2 * (together - entropy(cells.values()))) / together,
    ari: most === expected ? 1 : (pairs(cells.values()) - expected) / (most - expected),
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** How often what was said with a confidence is right: rows of [from, to, number, mean confidence, share right]. */
export function reliability(pairs: readonly (readonly [confidence: number, isRight: boolean])[], bins = 5) {
  return Array.from({ length: bins }, (_, bin) => {
    const [from, to] = [bin / bins, (bin + 1) / bins]
    const within = pairs.filter(([c]) => c >= from && (c < to || (bin === bins - 1 && c <= to)))
    return {
      from,
      to,
      count: within.length,
      said: mean(within.map(([confidence]) => confidence)),
      right: mean(within.map(([, isRight]) => Number(isRight))),
    }
  })
}
