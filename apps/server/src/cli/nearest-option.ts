/** The name that a mistyped one was meant to be: at most a third of its letters away. Undefined where none is that near. */
export function nearestOption(typed: string, names: readonly string[]): string | undefined {
  const near = names.map((name) => ({ name, steps: distance(typed, name) })).sort((a, b) => a.steps - b.steps)[0]
  return near !== undefined && near.steps <= Math.max(1, Math.floor(near.name.length / 3)) ? near.name : undefined
}

/** Letters to insert, to delete, to replace, or to swap with the next one. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
