import { openLexicon } from './lexicon.ts'

/** A word with a feeling, as its neighbours make it. */
interface Charged {
  /** -4 to 4 or a little more. */
  readonly valence: number
  readonly start: number
  readonly end: number
}

export interface Valence {
  /** -1 to 1. */
  readonly compound: number
  /** Shares of the text, together 1 or, where it has no word, 0. */
  readonly positive: number
  readonly negative: number
  readonly charged: readonly Charged[]
}

/** VADER's constants: one step of intensity, of capitals, and what a negation leaves of a valence. */
const [intensityStep, capitalStep, negationFactor] = [0.293, 0.733, -0.74]
const normal = 15

const stronger = new Set(
  'absolutely amazingly awfully completely considerably decidedly deeply effing enormously entirely especially exceptionally extremely fabulously flipping flippin fricking frickin frigging friggin fully fucking greatly hella highly hugely incredibly intensely majorly more most particularly purely quite really remarkably so substantially thoroughly totally tremendously uber unbelievably unusually utterly very'.split(
    ' ',
  ),
)
const weaker = new Set(
  'almost barely hardly kinda kindof kind-of less little marginally occasionally partly scarcely slightly somewhat sorta sortof sort-of'.split(
    ' ',
  ),
)
const negations = new Set(
  'aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither neednt never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent uh-uh without wont wouldnt rarely seldom despite'.split(
    ' ',
  ),
)
const idioms: Readonly<Record<string, number>> = {
  'the shit': 3,
  'the bomb': 3,
  'bad ass': 1.5,
  'yeah right': -2,
  'cut the mustard': 2,
  'kiss of death': -1.5,
  'hand to mouth': -2,
}

interface Token {
  readonly text: string
  readonly lower: string
  readonly start: number
  readonly end: number
}

/** The feeling of a sentence by the rules of VADER (Hutto and Gilbert 2014), ported; `bench analysis` measures it as the peer, too. */
export function readValence(text: string): Valence {
  const tokens = readTokens(text)
  const lexicon = openLexicon('vader')
  const capitals = tokens.filter(({ text: word }) => isUpper(word)).length
  const someCapitals = capitals > 0 && capitals < tokens.length
  const values = tokens.map((token, at) => {
    const isKindOf = token.lower === 'kind' && tokens[at + 1]?.lower === 'of'
    return isKindOf || stepOf(token.lower) !== 0 ? 0 : valenceOf(tokens, at, lexicon, someCapitals)
  })
  weighBut(tokens, values)
  const emphasis = emphasisOf(text)
  const sum = values.reduce((total, value) => total + value, 0)
  const total = sum > 0 ? sum + emphasis : sum < 0 ? sum - emphasis : 0
  let positive = values.reduce((all, value) => all + (value > 0 ? value + 1 : 0), 0)
  let negative = values.reduce((all, value) => all + (value < 0 ? 1 - value : 0), 0)
  const neutral = values.filter((value) => value === 0).length
  if (positive > negative) positive += emphasis
  else if (negative > positive) negative += emphasis
  const all = positive + negative + neutral || 1
  return {
    compound: total / Math.sqrt(total * total + normal),
    positive: positive / all,
    negative: negative / all,
    charged: tokens.flatMap(({ start, end }, at) => {
      const valence = values[at] ?? 0
      return valence === 0 ? [] : [{ valence, start, end }]
    }),
  }
}

/** Words, emoticons left whole: a mark at an end goes, unless nothing else is there. */
function readTokens(text: string): Token[] {
  return [...text.matchAll(/\S{2,}/g)].map(({ 0: found, index }) => {
    const core = /^\p{P}*([\p{L}\p{N}].*?)\p{P}*$/u.exec(found)
    const isEmoticon = openLexicon('vader').has(found.toLowerCase())
    const word = isEmoticon ? found : (core?.[1] ?? found)
    const start = index + (isEmoticon ? 0 : found.indexOf(word))
    return { text: word, lower: word.toLowerCase().replaceAll('’', "'"), start, end: start + word.length }
  })
}

const isUpper = (word: string): boolean => /^[^a-z]*[A-Z]+[^a-z]*$/.test(word)

function stepOf(lower: string): number {
  return stronger.has(lower) ? intensityStep : weaker.has(lower) ? -intensityStep : 0
}

const isNegation = (token: Token | undefined): boolean =>
  token !== undefined && (negations.has(token.lower.replaceAll("'", '')) || token.lower.includes("n't"))

function valenceOf(
  tokens: readonly Token[],
  at: number,
  lexicon: ReadonlyMap<string, number>,
  someCapitals: boolean,
): number {
  const token = tokens[at] as Token
  const known = lexicon.get(token.lower)
  if (known === undefined) return 0
  const sign = Math.sign(known)
  let valence = isUpper(token.text) && someCapitals ? known + sign * capitalStep : known
  for (let back = 1; back <= 3; back++) {
    const before = tokens[at - back]
    if (before === undefined || lexicon.has(before.lower)) continue
    let step = stepOf(before.lower) * Math.sign(valence)
    if (step !== 0 && someCapitals && isUpper(before.text)) step += Math.sign(valence) * capitalStep
    valence += step * ([1, 0.95, 0.9][back - 1] ?? 1)
    valence = negated(tokens, at, back, valence)
    if (back === 3) valence = idiomAt(tokens, at, valence)
  }
  const [previous, beforeThat] = [tokens[at - 1]?.lower, tokens[at - 2]?.lower]
  const isLeast = previous === 'least' && !lexicon.has('least') && beforeThat !== 'at' && beforeThat !== 'very'
  return isLeast ? valence * negationFactor : valence
}

function negated(tokens: readonly Token[], at: number, back: number, valence: number): number {
  const word = (places: number) => tokens[at - places]?.lower ?? ''
  const soOrThis = (places: number) => word(places) === 'so' || word(places) === 'this'
  if (back === 2 && word(2) === 'never' && soOrThis(1)) return valence * 1.5
  if (back === 3 && ((word(3) === 'never' && soOrThis(2)) || soOrThis(1))) return valence * 1.25
  return isNegation(tokens[at - back]) ? valence * negationFactor : valence
}

function idiomAt(tokens: readonly Token[], at: number, valence: number): number {
  const said = (from: number, to: number) =>
    tokens
      .slice(at + from, at + to + 1)
      .map(({ lower }) => lower)
      .join(' ')
  const before = [said(-1, 0), said(-2, 0), said(-2, -1), said(-3, -1), said(-3, -2)]
  const after = [said(0, 1), said(0, 2)]
  const idiom = [...after.reverse(), ...before].find((words) => words in idioms)
  const isDamped = [said(-3, -2), said(-2, -1)].some((words) => /^(?:sort of|kind of|just enough)$/.test(words))
  return (idiom === undefined ? valence : (idioms[idiom] ?? 0)) - (isDamped ? intensityStep : 0)
}

/** What stands before the first «but» counts half, what follows it half as much again. */
function weighBut(tokens: readonly Token[], values: number[]): void {
  const but = tokens.findIndex(({ text }) => text === 'but' || text === 'BUT')
  if (but === -1) return
  for (const [at, value] of values.entries()) values[at] = at < but ? value * 0.5 : at > but ? value * 1.5 : value
}

function emphasisOf(text: string): number {
  const exclamations = Math.min(4, text.match(/!/g)?.length ?? 0)
  const questions = text.match(/\?/g)?.length ?? 0
  return exclamations * 0.292 + (questions > 3 ? 0.96 : questions > 1 ? questions * 0.18 : 0)
}
