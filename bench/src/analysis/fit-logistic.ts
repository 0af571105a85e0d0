import { type Cues, probability, type Weights } from '@extropy/api/analysis'

export interface Judged {
  readonly cues: Cues
  /** 1 or 0. */
  readonly label: number
  readonly weight?: number
}

/** Newton's method with an L2 penalty on everything but the constant. Without chance: the same rows give the same weights. */
export function fitLogistic(rows: readonly Judged[], penalty = 1, rounds = 12): Weights {
  const names = ['bias', ...new Set(rows.flatMap(({ cues }) => Object.keys(cues)))]
  const place = new Map(names.map((name, at) => [name, at]))
  const dense = rows.map(({ cues }) => [
    [0, 1] as const,
    ...Object.entries(cues).map(([name, value]) => [place.get(name) ?? 0, value] as const),
  ])
  const size = names.length
  const weights = new Float64Array(size)
  for (let round = 0; round < rounds; round++) {
    const gradient = new Float64Array(size)
    const hessian = Array.from({ length: size }, (_, at) => {
      const row = new Float64Array(size)
      row[at] = at === 0 ? 1e-9 : penalty
      return row
    })
    for (let at = 1; at < size; at++) gradient[at] = -penalty * (weights[at] ?? 0)
    for (const [row, { label, weight = 1 }] of rows.entries()) {
      const cells = dense[row] ?? []
      let sum = 0
      for (const [at, value] of cells) sum += (weights[at] ?? 0) * value
      const p = 1 / (1 + Math.exp(-sum))
      const curve = weight * p * (1 - p)
      for (const [at, value] of cells) {
        gradient[at] = (gradient[at] ?? 0) + weight * (label - p) * value
        const line = hessian[at] as Float64Array
        for (const [other, otherValue] of cells) line[other] = (line[other] ?? 0) + curve * value * otherValue
      }
    }
    const step = solve(hessian, gradient)
    let change = 0
    for (let at = 0; at < size; at++) {
      weights[at] = (weights[at] ?? 0) + (step[at] ?? 0)
      change = Math.max(change, Math.abs(step[at] ?? 0))
    }
    if (change < 1e-7) break
  }
  return Object.fromEntries(names.map((name, at) => [name, Number((weights[at] ?? 0).toFixed(3))]))
}

/** Gauss with pivots. */
function solve(matrix: Float64Array[], given: Float64Array): Float64Array {
  const size = given.length
  const right = Float64Array.from(given)
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]?.[column] ?? 0) > Math.abs(matrix[pivot]?.[column] ?? 0)) pivot = row
    }
    const [a, b] = [matrix[column] as Float64Array, matrix[pivot] as Float64Array]
    matrix[column] = b
    matrix[pivot] = a
    const [x, y] = [right[column] ?? 0, right[pivot] ?? 0]
    right[column] = y
    right[pivot] = x
    const line = matrix[column] as Float64Array
    for (let row = column + 1; row < size; row++) {
      const other = matrix[row] as Float64Array
      const factor = (other[column] ?? 0) / (line[column] || 1e-12)
      if (factor === 0) continue
      for (let at = column; at < size; at++) other[at] = (other[at] ?? 0) - factor * (line[at] ?? 0)
      right[row] = (right[row] ?? 0) - factor * (right[column] ?? 0)
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    const line = matrix[row] as Float64Array
    let sum = right[row] ?? 0
    for (let at = row + 1; at < size; at++) sum -= (line[at] ?? 0) * (right[at] ?? 0)
    right[row] = sum / (line[row] || 1e-12)
  }
  return right
}

/** What five models say of the rows that they did not see: row n is in fold n mod 5. */
export function crossValidate(rows: readonly Judged[], penalty = 1): number[] {
  const folds = 5
  const said = new Array<number>(rows.length)
  for (let fold = 0; fold < folds; fold++) {
    const weights = fitLogistic(
      rows.filter((_, at) => at % folds !== fold),
      penalty,
    )
    for (const [at, { cues }] of rows.entries()) if (at % folds === fold) said[at] = probability(weights, cues)
  }
  return said
}
