import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** PostgreSQL's text search configurations (those of 17, which 18 has too), by ISO 639-1. */
const configs: Readonly<Record<string, string>> = {
  ar: 'arabic',
  hy: 'armenian',
  eu: 'basque',
  ca: 'catalan',
  da: 'danish',
  nl: 'dutch',
  en: 'english',
  fi: 'finnish',
  fr: 'french',
  de: 'german',
  el: 'greek',
  hi: 'hindi',
  hu: 'hungarian',
  id: 'indonesian',
  ga: 'irish',
  it: 'italian',
  lt: 'lithuanian',
  ne: 'nepali',
  nb: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  es: 'spanish',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish',
}

/** Enough to tell by, and a fraction of a millisecond: detection costs 0.2 ms per 1,000 characters. */
const detectedLength = 2000
/** Below it, a name or a product decides the guess. */
const shortestDetected = 40

/** Scripts whose single sign says as much as a few letters of another. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu

/** ISO 639-1 of a text's language; null where it is too short, or too much of several, to tell. */
export function detectLanguage(text: string): string | null {
  const sample = text.slice(0, detectedLength)
  const letters = sample.match(/\p{L}/gu)?.length ?? 0
  // Eight of these say as much as forty letters.
  const signs = sample.match(dense)?.length ?? 0
  if (letters + 4 * signs < shortestDetected) return null
  const guess = loadDetector().detect(sample)
  return guess.isReliable() ? guess.language : null
}

/** With the first text that needs it: its tables take 0.5 s and 110 MB, which no start should wait for. */
function loadDetector(): typeof import('eld/small').eld {
  if (detector === undefined) {
    // By its path: the package exports itself to `import` alone, which would make every caller wait for a promise.
    const file = fileURLToPath(import.meta.resolve('eld/small'))
    detector = (createRequire(import.meta.url)(file) as typeof import('eld/small')).eld
  }
  return detector
}
let detector: typeof import('eld/small').eld | undefined

/**
 * The configuration that stems a language's words: `simple`, which only folds case, where PostgreSQL has none; that of
 * English where the language is not known, since most undetected texts are short and technical.
 */
export function searchConfigOf(language: string | null): string {
  return language === null ? 'english' : (configs[language] ?? 'simple')
}

/** Every configuration that a content may get. */
export const searchConfigs: readonly string[] = [...new Set([...Object.values(configs), 'simple'])]
