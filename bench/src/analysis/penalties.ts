/** Of the fits' L2: what cross-validation liked best of 1, 3, 5, 20. */
export const penalties = { hooks: 1, sentiment: 5, keyphrases: 3, sameSaying: 0.3 } as const
