import { confidenceOf, type Finding } from './finding.ts'
import { isEnglish, type ReadText, spanOf } from './read-text.ts'

export const tones = [
  'instructive',
  'technical',
  'personal',
  'casual',
  'formal',
  'urgent',
  'inspiring',
  'critical',
  'humorous',
] as const
export type Tone = (typeof tones)[number]

/** A sentence's sign of a tone, and the share of sentences with it at which a reader calls the whole text so. */
const signs: Readonly<Record<Tone, readonly [RegExp, usual: number]>> = {
  instructive: [
    /^\W*(?:first|then|next|now|finally|step|use|run|add|create|open|make sure|set|click|install|try|write|note that|remember|start|choose|call|let's|don't|keep|go to|check|consider|avoid)\b|\byou (?:can|should|need to|must|may|have to)\b/i,
    0.3,
  ],
  technical: [
    /\b(?:api|function|code|server|database|compiler?|parameter|algorithm|runtime|thread|memory|kernel|protocol|http|json|class|variable|library|framework|implementation|type system|cpu|async|query|bytes?|interface|module|package|benchmark|deploy\w*|bug|patch|release)\b|\w+\(\)/i,
    0.3,
  ],
  personal: [/\b(?:i|i'm|i've|i'd|i'll|me|my|myself)\b/i, 0.4],
  casual: [
    /\b(?:gonna|wanna|kinda|yeah|ok(?:ay)?|hey|stuff|cool|awesome|guys|btw|lol|pretty (?:much|cool|good)|a bunch of|super|nope|yep|oh|wow|crap|damn|you know|anyway)\b|!{2,}|\b\w+'(?:re|ll|ve|d|m)\b|[\u{1F300}-\u{1FAFF}]/iu,
    0.28,
  ],
  formal: [
    /\b(?:therefore|furthermore|moreover|hence|thus|consequently|nevertheless|notwithstanding|accordingly|pursuant|whereas|shall|hereby|regarding|in accordance|respectively|subsequently|aforementioned|with respect to|it is (?:important|necessary|worth))\b/i,
    0.12,
  ],
  urgent: [
    /\b(?:now|immediately|urgent(?:ly)?|today|hurry|asap|deadline|before it's too late|last chance|only \d+ (?:left|days|hours)|right away|don't wait|expires?|critical|warning|must act|as soon as possible|security (?:release|update|fix))\b/i,
    0.2,
  ],
  inspiring: [
    /\b(?:dreams?|believe|possible|inspir\w+|courage|hope|journey|together|change the world|never give up|passion\w*|potential|proud|achieve\w*|grow(?:th)?|future|imagine|gratitude|grateful|you can do|keep going|brave|purpose)\b/i,
    0.2,
  ],
  critical: [
    /\b(?:wrong|fail(?:s|ed|ure)?|bad|terrible|problem|broken|useless|worse|worst|disappoint\w*|flaw(?:s|ed)?|mistake|nonsense|unacceptable|harmful|ridiculous|unfortunately|poor(?:ly)?|lack(?:s|ing)?|stupid|absurd|misleading)\b/i,
    0.2,
  ],
  humorous: [
    /\b(?:lol|haha+|lmao|joke|joking|funny|hilarious|just kidding|spoiler|ironically|silly|pun)\b|😂|🤣|;-?\)|:-?D\b|:-P/iu,
    0.1,
  ],
}

const method = 'share of sentences with cues'
const version = 1
const [fewestSentences, shown] = [3, 3]

/** Tones that a good part of the sentences has; several may go together, and a text may have none. */
export function findTones(text: ReadText): Finding<Tone>[] {
  const pieces = text.pieces.filter(({ kind }) => kind !== 'heading')
  if (!isEnglish(text) || pieces.length < fewestSentences) return []
  return tones
    .flatMap((value) => {
      const [pattern, usual] = signs[value]
      const hits = pieces.filter((piece) => pattern.test(piece.text.replaceAll('’', "'")))
      const share = hits.length / pieces.length
      // At the usual share it is as likely as not; few sentences make nobody sure.
      const chance = 1 / (1 + Math.exp(-6 * (share / usual - 1)))
      const confidence = confidenceOf(chance * (1 - 1 / (hits.length + 1.5)))
      return confidence < 0.5 ? [] : [{ value, confidence, spans: hits.slice(0, shown).map(spanOf), method, version }]
    })
    .sort((a, b) => b.confidence - a.confidence || tones.indexOf(a.value) - tones.indexOf(b.value))
}
