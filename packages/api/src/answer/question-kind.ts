/** The kind of thing that a question asks for, as far as its words say so: in English alone. */
export type QuestionKind =
  | 'reason'
  | 'instruction'
  | 'money'
  | 'share'
  | 'duration'
  | 'number'
  | 'date'
  | 'person'
  | 'place'
  | 'name'
  | 'definition'
  | 'other'

/** The first that fits counts. */
const kinds: readonly (readonly [QuestionKind, RegExp])[] = [
  ['reason', /\bwhy\b|\bhow come\b|\bwhat (?:is|was|were|are|'s) the (?:reason|cause)s?\b|\bwhat caused\b/i],
  ['instruction', /\bhow (?:do|can|should|could|would|must) (?:i|you|we|one|people)\b|\bhow to\b/i],
  [
    'money',
    /\bhow much (?:money|funding)\b|\bhow much (?:do|does|did|is|was|were|are)\b.*\b(?:costs?|pa(?:y|id)|donat\w*|rais\w*|spen[dt]|fund\w*|earn\w*|give|gave|charge\w*|grant\w*|membership|price)\b|\bwhat (?:is|was|does|did)\b.*\b(?:price|costs?|salary|fee)\b/i,
  ],
  ['share', /\b(?:what|which|how (?:big|large|high) an?) (?:percentage|percent|proportion|fraction|share)\b/i],
  ['duration', /\bhow long\b(?! ago)/i],
  ['number', /\bhow (?:many|much|often|old|large|big|tall|high|far|fast|wide|deep)\b|\bwhat (?:number|amount)\b/i],
  [
    'date',
    /^\W*(?:and |so )?(?:since |until |by |from )?when\b|, when (?:did|was|were|is|will|do|does)\b|\b(?:what|which) (?:year|date|day|month|century|decade)\b|\bhow long ago\b/i,
  ],
  ['person', /^\W*(?:and |so )?who(?:se|m)?\b|\b(?:by|from|with|to) whom\b|, who\b/i],
  ['place', /^\W*where\b|\bin what (?:city|country|place|state|area|region)\b/i],
  [
    'name',
    /\b(?:what|which)(?: (?:is|was|are|were))?(?: the)? (?:names?|title)\b|\b(?:what|which) .*\b(?:called|named|known as)\b|\b(?:what|which) (?:\w+ )?(?:country|nation|city|town|river|company|organi[sz]ation|foundation|team|king|queen|pope|president|person|people|man|woman|author|leader|group|university|language|religion|war|treaty|law|book)\b/i,
  ],
  ['definition', /^\W*what (?:is|are|was|were) (?:an? |the )?\S{1,60}(?: \S{1,60}){0,2}\W*$/i],
]

const months = 'January|February|March|April|May|June|July|August|September|October|November|December'
const numberWords =
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundreds?|thousands?|millions?|billions?|dozens?|twice|none|several|exactly one|only one|single'
const spans = '(?:second|minute|hour|day|night|week|month|quarter|year|decade|centur(?:y|ie))s?'
/** Years and versions are numbers that count nothing. */
const uncounted = /\bv?\d+\.\d+(?:\.\d+)*\b|(?<![$€£\d,.])\b(?:1[0-9]|20)\d\d\b(?![,.]?\d|\s?%)/gi

const past = /\bwhen (?:did|was|were|ha[sd]|have)\b|\bhow long ago\b/i
const timeOfDay =
  /\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b\.?|\b\d{1,2}:\d\d(?::\d\d)?\b|\b\d{4}\s?(?:hours|UTC|GMT|CET|EST|PST)\b/gi
const timeOfWeek = /\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b/

const signs: Readonly<Partial<Record<QuestionKind, RegExp>>> = {
  money: /[$€£¥]\s?\d|\b\d[\d,.]*\s?(?:k\b|dollars|euros|pounds|USD|EUR)|\bfree\b/i,
  share: /\d\s?%|\bper ?cent|\b(?:half|thirds?|quarters?|majority|most|one in \w+)\b/i,
  duration: new RegExp(
    String.raw`(?:\d|\b(?:an?|${numberWords}|few))[\s-]${spans}\b|\bsince\b|\bcentur(?:y|ies)\b|\b(?:years|decades|months)\b`,
    'i',
  ),
  number: new RegExp(String.raw`\d|\b(?:${numberWords})\b`, 'i'),
  date: new RegExp(
    String.raw`\b(?:${months})\b|(?<![$€£\d,.])\b(?:1\d|20|21)\d\ds?\b(?![,.]\d|\s?%)|\b(?:in|by|since|until|from|to|around|before|after|AD|year)\s\d{3}\b|\b\d{1,2}(?:st|nd|rd|th)\b|\bcentur(?:y|ies)\b|\bB\.?C\.?\b|\b(?:[Tt]oday|[Yy]esterday|[Tt]omorrow|(?:last|next|this) (?:week|month|year|release))\b|\bv?\d+\.\d+|\bv\d|\b\d+ ${spans}\b`,
  ),
  // A name that does not stand first, two names, or a group that acts.
  person:
    /\S\s+["'“‘(@]*\p{Lu}\p{L}|^["'“‘(]*\p{Lu}\p{L}+ \p{Lu}|@\w|\b(?:team|group|council|foundation|committee|company|members|contributors|maintainers|users|people|developers|volunteers)\b/u,
  name: /\S\s+["'“‘(@]*\p{Lu}\p{L}|["“`]\p{L}/u,
  place: /\S\s+["'“‘(]*\p{Lu}|\bhttps?:/u,
  reason:
    /\b(?:because|since|due to|owing to|in order to|so that|so as to|reasons?|caused?|causes|as a result|result of|led to|leads to|therefore|thus|motivat\w*|to (?:avoid|prevent|allow|enable|ensure|help|reduce|make|protect|give|protest)|for the sake|problems?|issues?|in protest|prevents?|allows?|required?)\b/i,
  instruction:
    /\b(?:you (?:can|could|should|must|need|may|have to|will)|(?:use|run|add|set|install|enable|pass|call|write|upgrade|update|invoke|configure|create|try|see|check|recommend|if you)\b)|`/i,
  definition: /\b(?:is|are|was|were) (?:an?|the|one of|now an?)\b|\bmeans\b|\brefers to\b|\bstands for\b/i,
}

export function kindOf(question: string): QuestionKind {
  const start = question.slice(0, longestRead)
  return kinds.find(([, pattern]) => pattern.test(start))?.[0] ?? 'other'
}

/** Characters: a question says what it is about at once, and the patterns look at each place in it several times. */
const longestRead = 500

/**
 * Whether a text has what a question of this kind asks for, and not in the question's own words: to `how many … in 2019`, 2019 is no
 * answer. Undefined where that can't be told.
 */
export function hasKind(kind: QuestionKind, text: string, question: string): boolean | undefined {
  const sign = signs[kind]
  if (sign === undefined) return undefined
  if (kind === 'definition') {
    const subject = wordsOf(question.replace(/^\W*what (?:is|are|was|were) (?:an? |the )?/i, ''))[0] ?? ''
    return sign.test(text) && wordsOf(text).slice(0, 4).includes(subject)
  }
  if (kind === 'reason' || kind === 'instruction') return sign.test(text)
  // A weekday or a time of the day says when something is held, and not when it once happened.
  if (kind === 'date' && !past.test(question) && timeOfWeek.test(text)) return true
  const asked = new Set(wordsOf(question))
  const fresh = text.replace(/[\p{L}\p{N}][\p{L}\p{N}.'’-]*/gu, (word) =>
    wordsOf(word).every((part) => asked.has(part)) ? '_' : word,
  )
  if (kind === 'date') return sign.test(fresh.replace(timeOfDay, '_'))
  return sign.test(kind === 'number' ? fresh.replace(uncounted, '_') : fresh)
}

/** Whether it asks for the day of something that has happened: what is still to come has no day of its own in a post. */
export function isPast(question: string): boolean {
  return past.test(question.slice(0, longestRead)) || !/\bwhen\b/i.test(question.slice(0, longestRead))
}

/** The things that are counted, in lower case: `downloads` of `how many weekly downloads`, `crates` of `how many crates failed`. */
export function countedIn(question: string): string | undefined {
  const [, first, second] = /\bhow many ([\w.]+)(?: ([\w.]+))?/i.exec(question.toLowerCase()) ?? []
  return second?.endsWith('s') && !/^(?:does|has|is|was)$/.test(second) ? second : first
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
