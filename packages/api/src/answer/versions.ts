/** A version, or another numbered thing, that a question names: `Rust 1.97.9`, `Node.js 40`, `CVE-2019-5737`. */
export interface NamedVersion {
  /** The name in front of the number; undefined where the question has none, and any will do. */
  readonly name: string | undefined
  readonly number: string
  /** As the question has it. */
  readonly written: string
}

const name = String.raw`\p{L}[\p{L}\p{N}.+#_-]*`
const asked = new RegExp(
  String.raw`(?<![\p{L}\p{N}.-])(?:(${name})\s+)?(?:(?:version|release)\s+)?(v?)(\d+(?:\.\d+)*)(?![\p{L}\p{N}%:-]|[.,]\d)`,
  'giu',
)
/** `CVE-2019-5737`, `ISO-8859-1`. */
const identifier = /(?<![\p{L}\p{N}])[A-Z]{2,}(?:-\d+)+(?![\p{L}\p{N}])/gu
/** Words in front of a number that are no names. */
const noName =
  /^(?:an?|the|in|on|of|to|for|from|since|until|till|before|after|between|by|with|without|at|as|than|over|under|and|or|is|are|was|were|be|did|do|does|has|have|had|what|which|who|when|where|why|how|about|around|nearly|almost|only|top|first|last|next|these|those|all|version|release|update|upgrade|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|spring|summer|autumn|fall|winter|line|page|step|part)$/i
const isYear = (number: string) => /^(?:1\d|20|21)\d\d$/.test(number)

/** The versions that a question names: an answer from another one is none. A whole number is one behind a capitalised name or a v. */
export function versionsIn(question: string): NamedVersion[] {
  const found: NamedVersion[] = [...question.matchAll(identifier)].map(([written]) => ({
    name: undefined,
    number: written,
    written,
  }))
  for (const { 0: whole, 1: word, 2: v = '', 3: number = '', index } of question.matchAll(asked)) {
    const isName = word !== undefined && !noName.test(word)
    const isCapitalised = isName && /\p{Lu}/u.test(word)
    if (!number.includes('.') && (isYear(number) || !(isCapitalised || v !== ''))) continue
    // `what did the team fix 1.52.1 for`: a word in lower case may be any word, but where the whole question is in lower case.
    const named = isCapitalised || (isName && !/\p{Lu}/u.test(question.slice(1))) ? word : undefined
    if (named === undefined && index > 0 && /[\p{L}\p{N}]-$/u.test(question.slice(0, index))) continue
    found.push({ name: named, number, written: (named === undefined ? v + number : whole).trim() })
  }
  return found
}

/**
 * Whether a text names that version, or one of its own: `1.97.0` and `1.97.1` are of 1.97, `v20.x` is of 20, and 1.97 is 1.97.0.
 * Behind the name of something else it is another one: `OpenSSL 3.0` is not Rust's.
 */
export function namesVersion(text: string, { name: owner, number }: NamedVersion): boolean {
  if (owner !== undefined && !text.toLowerCase().includes(plainName(owner))) return false
  const least = number.replace(/(?:\.0)+$/, '')
  const shorter = least === number ? [] : [`${RegExp.escape(least)}(?:\\.0)*(?!\\.?\\d)`]
  const forms = [`${RegExp.escape(number)}(?:\\.[\\dx]+)*(?![\\d])`, ...shorter].join('|')
  // `1.0.0-rc-1` comes before 1.0.0, and is not it.
  const released = '(?![.\\dx]*-?(?:alpha|beta|rc|pre|next)\\b)'
  for (const { 0: found, 1: v, index } of text.matchAll(
    new RegExp(`(?<![\\p{N}.-])(v?)(?:${forms})${released}`, 'giu'),
  )) {
    const word = wordBefore(text.slice(Math.max(0, index - 80), index))
    if (owner === undefined || isSame(word, owner)) return true
    const isOfOther = /^\p{Lu}/u.test(word)
    if (!isOfOther && (v !== '' || found.includes('.'))) return true
  }
  const roman = owner !== undefined && romans[Number(number)]
  return typeof roman === 'string' && new RegExp(`\\b${RegExp.escape(owner ?? '')}\\s+${roman}\\b`, 'iu').test(text)
}

const romans = ' I II III IV V VI VII VIII IX X XI XII'.split(' ')

/** The word in front of a number, or of a list of numbers: `Node.js` of `Node.js 18, 20 and 22`; empty where none is near. */
function wordBefore(text: string): string {
  const list = text.replace(/(?:[\s,/&(–-]|\b(?:and|or|to|through|version|release|v?\d[\d.]*x?))+$/iu, ' ')
  return /([\p{L}][\p{L}\p{N}.+#_-]*:?)\s*$/u.exec(list)?.[1] ?? ''
}

/** `Node` is Node.js, and `node` too. */
function isSame(word: string, owner: string): boolean {
  return word !== '' && plainName(word) === plainName(owner)
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.?js$|:$/, '')
}
