import type { Finding } from './finding.ts'
import { type FrameworkFinding, findFrameworks } from './frameworks.ts'
import { findHooks, type HookType } from './hooks.ts'
import { findKeyInsights } from './key-insights.ts'
import { findKeyphrases } from './keyphrases.ts'
import type { SecondOpinion } from './opinion.ts'
import { type GivenText, isEnglish, mostCharacters, readText } from './read-text.ts'
import { findReadability, type Readability } from './readability.ts'
import { findSentiment, type Sentiment } from './sentiment.ts'
import { findTones, type Tone } from './tone.ts'
import { findCallsToAction, findDesires, findPainPoints } from './wishes.ts'
import { openWordRanks } from './word-ranks.ts'

/** Raised with every change of a method: contents that were analysed under another version are analysed anew. */
export const analysisVersion = 1

export interface Analysis {
  readonly version: number
  /** ISO 639-1; null where nobody can tell, and the text is read as English. */
  readonly language: string | null
  readonly frameworks: FrameworkFinding[]
  readonly hooks: Finding<HookType>[]
  /** Keyphrases. */
  readonly themes: Finding[]
  readonly painPoints: Finding[]
  readonly desires: Finding[]
  readonly sentiment: Finding<Sentiment> | null
  readonly tone: Finding<Tone>[]
  readonly callToAction: Finding[]
  readonly keyInsights: Finding[]
  readonly readability: Finding<Readability> | null
  /** Nobody can tell without a language model. */
  readonly targetAudience: null
  /** What a language model saw; left out where none was asked. */
  readonly secondOpinion?: SecondOpinion
  /** What could not be looked for, and why. */
  readonly leftOut: { readonly fields: string[]; readonly reason: string }[]
}

const englishOnly = ['frameworks', 'hooks', 'painPoints', 'desires', 'sentiment', 'tone', 'callToAction']

/** All findings of one content: the same text gives the same findings, bit for bit. */
export function analyseText(given: GivenText): Analysis {
  const text = readText(given)
  const rankOf = openWordRanks()
  const themes = findKeyphrases(text, rankOf)
  const leftOut: Analysis['leftOut'] = [{ fields: ['targetAudience'], reason: 'needs a language model' }]
  if (!isEnglish(text))
    leftOut.push({ fields: englishOnly, reason: `knows English, not the text's language (${text.language})` })
  if (text.isCut) leftOut.push({ fields: [], reason: `only the first ${mostCharacters} characters were read` })
  if (text.pieces.length === 0)
    leftOut.push({ fields: [], reason: 'the body has no sentence: it is empty, or code, tables or images' })
  return {
    version: analysisVersion,
    language: text.language,
    frameworks: findFrameworks(text),
    hooks: findHooks(text, rankOf),
    themes,
    painPoints: findPainPoints(text),
    desires: findDesires(text),
    sentiment: findSentiment(text) ?? null,
    tone: findTones(text),
    callToAction: findCallsToAction(text),
    keyInsights: findKeyInsights(text, themes),
    readability: findReadability(text) ?? null,
    targetAudience: null,
    leftOut,
  }
}

const reason = 'the text could not be analysed'

/** Of a text that no method could read. */
export function failedAnalysis({ language }: GivenText): Analysis {
  return {
    version: analysisVersion,
    language: language ?? null,
    frameworks: [],
    hooks: [],
    themes: [],
    painPoints: [],
    desires: [],
    sentiment: null,
    tone: [],
    callToAction: [],
    keyInsights: [],
    readability: null,
    targetAudience: null,
    leftOut: [{ fields: [], reason }],
  }
}
