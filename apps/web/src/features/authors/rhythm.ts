export interface Month {
  /** `2024-05`. */
  readonly month: string
  readonly count: number
}

/** Every month from the first piece to the last one, those without any too. */
export function monthsOf(dates: readonly (string | null)[]): Month[] {
  const counts = new Map<string, number>()
  for (const date of dates) {
    if (date === null) continue
    const month = date.slice(0, 7)
    counts.set(month, (counts.get(month) ?? 0) + 1)
  }
  const [first, last] = [[...counts.keys()].sort()[0], [...counts.keys()].sort().at(-1)]
  const months: Month[] = []
  for (let month = first; month !== undefined && last !== undefined && month <= last; month = after(month)) {
    months.push({ month, count: counts.get(month) ?? 0 })
  }
  return months
}

function after(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const [nextYear, next] = number === 12 ? [year + 1, 1] : [year, number + 1]
  return `${String(nextYear).padStart(4, '0')}-${String(next).padStart(2, '0')}`
}
