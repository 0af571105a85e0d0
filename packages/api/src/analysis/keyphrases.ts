import { confidenceOf, type Finding, type Span } from './finding.ts'
import { logit, type Weights } from './logistic.ts'
import { type Candidate, type PhraseLine, phraseCues, readCandidates } from './phrase-candidates.ts'
import { isEnglish, type ReadText, spanWithin } from './read-text.ts'
import phrasesModel from './weights/keyphrases.json' with { type: 'json' }
import type { RankOf } from './word-ranks.ts'
import { stopWordsOf } from './words.ts'

const method = 'noun-like runs, logistic regression'
const version = 1
/** What a phrase loses that stands inside of one said before, or around it. */
const overlapLoss = 0.3
const [considered, shownSpans] = [60, 5]

export interface RankedPhrase {
  readonly phrase: string
  readonly chance: number
  readonly candidate: Candidate
}

/** Phrases of lines, the likeliest first. */
export function rankPhrases(
  lines: readonly PhraseLine[],
  {
    language,
    rankOf,
    most,
    weights = phrasesModel.weights,
  }: { language: string | null; rankOf: RankOf; most: number; weights?: Weights },
): RankedPhrase[] {
  const candidates = readCandidates(lines, stopWordsOf(language), language === null || language === 'en')
  const waiting = candidates.all
    .map((candidate) => ({
      candidate,
      score: logit(weights, phraseCues(candidate, candidates, lines, rankOf)),
    }))
    .sort((a, b) => b.score - a.score || a.candidate.firstAt - b.candidate.firstAt)
    .slice(0, considered)
  const chosen: RankedPhrase[] = []
  while (chosen.length < most && waiting.length > 0) {
    const best = waiting.reduce((top, each) => (each.score > top.score ? each : top))
    waiting.splice(waiting.indexOf(best), 1)
    const { candidate, score } = best
    chosen.push({
      phrase: writtenForm(candidate, lines),
      chance: 1 / (1 + Math.exp(-score)),
      candidate,
    })
    for (const other of waiting) if (overlaps(other.candidate.key, candidate.key)) other.score -= overlapLoss
  }
  return chosen
}

const overlaps = (one: string, other: string): boolean =>
  ` ${one} `.includes(` ${other} `) || ` ${other} `.includes(` ${one} `)

/** As it is written most often; of equals the first. */
function writtenForm({ occurrences }: Candidate, lines: readonly PhraseLine[]): string {
  const counts = new Map<string, number>()
  for (const { line, start, end } of occurrences) {
    const form = (lines[line]?.text ?? '').slice(start, end).replace(/\s+/g, ' ')
    counts.set(form, (counts.get(form) ?? 0) + 1)
  }
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}

/** Without a word that says anything there is none. */
export function findKeyphrases(text: ReadText, rankOf: RankOf, most = 10): Finding[] {
  const hasTitle = text.title !== ''
  const lines = [
    ...(hasTitle ? [{ text: text.title, isTitle: true }] : []),
    ...text.pieces.map((piece) => ({ text: piece.text, isTitle: false })),
  ]
  const offset = hasTitle ? 1 : 0
  return rankPhrases(lines, { language: text.language, rankOf, most })
    .filter(({ chance }) => chance >= leastChance)
    .map(({ phrase, chance, candidate }) => ({
      value: phrase,
      confidence: confidenceOf(chance),
      spans: candidate.occurrences.slice(0, shownSpans).flatMap(({ line, start, end }): Span[] => {
        if (line < offset) return [{ part: 'title', start, end }]
        const piece = text.pieces[line - offset]
        return piece === undefined ? [] : [spanWithin(piece, start, end)]
      }),
      method: isEnglish(text) ? method : `${method}, without English word classes`,
      version,
    }))
}

const leastChance = 0.08
