import { openLexicon } from './lexicon.ts'
import type { Cues } from './logistic.ts'
import { readValence, type Valence } from './valence.ts'
import { readWords } from './words.ts'

/** Cues of a sentence's feeling beside its charged words. */
const patterns: Readonly<Record<string, RegExp>> = {
  question: /\?/,
  exclamation: /!/,
  negation: /\b(?:not|no|never|nor|neither|without|lacks?|lacking|fails?|failed|\w+n't|cannot)\b/,
  contrast: /\b(?:but|however|although|though|despite|yet|unfortunately|instead|except)\b/,
  wish: /\b(?:hope|wish|would be|should|could have|if only|supposed to)\b/,
  tooMuch: /\b(?:too|so) \w+|\b(?:hardly|barely|nothing|nobody|nowhere|worse|worst|less)\b/,
  praise:
    /\b(?:best|love[ds]?|loving|great|amazing|awesome|excellent|perfect(?:ly)?|thanks?|thank you|happy|excited|can't wait|enjoy\w*|beautiful\w*|wonderful\w*|brilliant\w*|congrat\w*|favou?rite|well done|glad|proud|fun|funny|charming|delight\w*|moving|touching|clever\w*|witty|compelling|refreshing\w*|recommend\w*|works? (?:well|great|perfectly)|easy to|good|nice)\b/,
  complaint:
    /\b(?:worst|hate[ds]?|terrible|horrible|awful|bad(?:ly)?|boring|bored|dull|tedious|stupid|useless|waste[ds]?|poor(?:ly)?|broken|broke|crap\w*|sucks?|shit\w*|fuck\w*|disappoint\w*|annoy\w*|lies?|liar|corrupt\w*|racist|disgust\w*|pathetic|wrong|problems?|difficult|doesn't work|didn't work|stopped|return(?:ed)?|slow|mess|fake|sad(?:ly)?|unfortunately|flat|bland|predictable|contrived|pointless|lame|cheap|noisy|lacks?|mediocre|overrated|ridiculous|shame\w*|blame\w*|fail\w*)\b/,
  news: /\b(?:said|says|according to|reported|announced|officials?|percent|http\S*|via)\b|https?:/,
  number: /\d/,
  firstPerson: /\b(?:i|i'm|i've|me|my|we|our)\b/,
  secondPerson: /\b(?:you|your|you're)\b/,
  positiveSign: /(?:[:;=]-?[)DP]|<3|😂|❤|😍|😊|👍|🎉|😀|🙌|🔥|💪|😁|🥰|✨|xoxo|\bhaha)/u,
  negativeSign: /(?:[:=]-?[(/\\]|😡|😢|😭|🙄|👎|💔|😠|🤮|😤|\bsmh\b|\bugh\b)/u,
}

/** @param valence of the same sentence, where it is known already */
export function feelingCues(text: string, valence: Valence = readValence(text)): Cues {
  const line = text.toLowerCase().replaceAll('’', "'")
  const cues: Record<string, number> = {}
  for (const cue in patterns) if (patterns[cue]?.test(line)) cues[cue] = 1
  const afinn = openLexicon('afinn')
  const words = readWords(line)
  let [up, down] = [0, 0]
  for (const [at, { lower }] of words.entries()) {
    const known = afinn.get(lower) ?? 0
    const isDenied = [words[at - 1], words[at - 2]].some((word) => word !== undefined && denial.test(word.lower))
    const value = isDenied ? -known / 2 : known
    if (value > 0) up += value
    else down -= value
  }
  const { compound, charged } = valence
  const valences = charged.map((each) => each.valence)
  cues.compound = compound
  cues.above = Math.max(0, compound - 0.3)
  cues.below = Math.max(0, -compound - 0.3)
  cues.none = charged.length === 0 ? 1 : 0
  cues.positive = valence.positive
  cues.negative = valence.negative
  cues.highest = Math.max(0, ...valences)
  cues.lowest = Math.max(0, ...valences.map((value) => -value))
  cues.last = valences.at(-1) ?? 0
  cues.afinnUp = Math.log1p(up)
  cues.afinnDown = Math.log1p(down)
  cues.afinn = Math.tanh((up - down) / 4)
  cues.mixed = valences.some((value) => value > 0) && valences.some((value) => value < 0) ? 1 : 0
  cues.length = Math.min(40, words.length) / 20
  return cues
}

const denial = /^(?:not|no|never|cannot|without|\w+n't)$/
