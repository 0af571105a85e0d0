import type { Span } from './finding.ts'

/** What a language model saw in the same text. It stands beside the findings, and changes none of them. */
export interface SecondOpinion {
  readonly model: string
  /** Of its prompt and its answer, counted too high rather than too low. */
  readonly tokens: number
  /** Why there is nothing below; null where there is. */
  readonly problem: string | null
  readonly findings: readonly ModelFinding[]
  readonly targetAudience: string | null
  /** Findings that were left out, for their words do not stand in the text. */
  readonly notInText: number
  /** Fields that say another thing than the analysis; both are kept. */
  readonly differs: readonly Difference[]
}

interface ModelFinding {
  readonly field: (typeof opinionFields)[number]
  readonly value: string
  readonly spans: Span[]
}

export interface Difference {
  readonly field: (typeof comparedFields)[number]
  readonly analysis: readonly string[]
  readonly model: readonly string[]
}

export const opinionFields = [
  'frameworks',
  'hooks',
  'themes',
  'painPoints',
  'desires',
  'sentiment',
  'tone',
  'callToAction',
  'keyInsights',
] as const
/** Those whose values are of a list, so that two can be compared. */
export const comparedFields = ['frameworks', 'hooks', 'sentiment', 'tone'] as const
