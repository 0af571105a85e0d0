/** The stem of an English word in lower case: M. F. Porter's algorithm of 1980. Other words come back as they are. */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word
  return [plurals, participles, finalY, derived, shorter, endings, finalE].reduce((form, step) => step(form), word)
}

const consonant = '(?:[^aeiouy]|(?<=^|[aeiou])y)'
const vowel = '(?:[aeiou]|(?<=[^aeiou])y)'
const oneMore = new RegExp(`^${consonant}*${vowel}+${consonant}`)
const twoMore = new RegExp(`^${consonant}*(?:${vowel}+${consonant}+){2}`)
const exactlyOne = new RegExp(`^${consonant}*${vowel}+${consonant}+${vowel}*$`)
const hasVowel = new RegExp(vowel)
const isShort = new RegExp(`${consonant}${vowel}(?![wxy])${consonant}$`)

function plurals(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2)
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

function participles(word: string): string {
  if (word.endsWith('eed')) return oneMore.test(word.slice(0, -3)) ? word.slice(0, -1) : word
  const [, root = ''] = /^(.+?)(?:ed|ing)$/.exec(word) ?? []
  if (root === '' || !hasVowel.test(root)) return word
  if (/(?:at|bl|iz)$/.test(root)) return `${root}e`
  if (/([^aeiouylsz])\1$/.test(root)) return root.slice(0, -1)
  return exactlyOne.test(root) && isShort.test(root) ? `${root}e` : root
}

function finalY(word: string): string {
  return word.endsWith('y') && hasVowel.test(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word
}

type Rules = readonly (readonly [ending: string, instead: string])[]

const derivedEndings: Rules = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['abli', 'able'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
]
const shorterEndings: Rules = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
]
const lastEndings: Rules = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'],
].map((ending) => [ending, ''] as const)

const derived = (word: string) => replaceEnding(word, derivedEndings, oneMore)
const shorter = (word: string) => replaceEnding(word, shorterEndings, oneMore)

function endings(word: string): string {
  if (/[st]ion$/.test(word)) return twoMore.test(word.slice(0, -3)) ? word.slice(0, -3) : word
  return replaceEnding(word, lastEndings, twoMore)
}

function replaceEnding(word: string, rules: Rules, measure: RegExp): string {
  let found: Rules[number] | undefined
  for (const rule of rules) {
    if (word.endsWith(rule[0]) && rule[0].length > (found?.[0].length ?? 0)) found = rule
  }
  if (found === undefined) return word
  const root = word.slice(0, word.length - found[0].length)
  return measure.test(root) ? root + found[1] : word
}

function finalE(word: string): string {
  let form = word
  if (form.endsWith('e')) {
    const root = form.slice(0, -1)
    if (twoMore.test(root) || (oneMore.test(root) && !(exactlyOne.test(root) && isShort.test(root)))) form = root
  }
  return form.endsWith('ll') && twoMore.test(form.slice(0, -1)) ? form.slice(0, -1) : form
}
