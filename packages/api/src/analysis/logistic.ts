/** Coefficients by cue; a cue that is not named counts nothing. */
export type Weights = Readonly<Record<string, number>>
/** A text's cues: 1 where one is there, or a number. */
export type Cues = Readonly<Record<string, number>>

/** A logistic regression: 0 to 1. The coefficient `bias` is the constant. */
export function probability(weights: Weights, cues: Cues): number {
  return 1 / (1 + Math.exp(-logit(weights, cues)))
}

export function logit(weights: Weights, cues: Cues): number {
  let sum = weights.bias ?? 0
  for (const cue in cues) sum += (weights[cue] ?? 0) * (cues[cue] ?? 0)
  return sum
}
