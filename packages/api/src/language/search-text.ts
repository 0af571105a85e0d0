/*
 * The definition of a word, for everything that is searched: passages, cards, questions, phrases and exclusions all pass here
 * first, and then the database's extropy_words or extropy_phrase, which stems. Raise `searchTextVersion` with every change.
 */

/** Stored texts that were read under another version are read anew: see reread.ts. */
export const searchTextVersion = 1

/** Longer runs of letters are data, not words; PostgreSQL's own limit is 2,046 bytes. */
const longestWord = 255
/** A longer joined word, such as the end of a URL, is found by its parts alone. */
const longestJoined = 60

/** One ligature of Arabic is 18 letters: a text of such alone is cut, or a prompt would be as long as a book. */
const mostGrowth = 4

/** Scripts that put no space between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu
const segmenter = new Intl.Segmenter('ja', { granularity: 'word' })

/** Soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors and the like. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu
/** Compatibility would make letters of them, and glue these to the name before. */
const tradeMarks = /[™℠]/g

/**
 * A word with the signs that make it another word: `C++`, `C#` and `F#` are not `C` and `F`, `.NET` is not `net`. A plus or
 * hash counts behind a word, a point in front of one that begins there.
 */
const unit = String.raw`(?:(?<![\p{L}\p{M}\p{N}.)\]])\.(?=\p{L}))?[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:\+\+|[+#](?![\p{L}\p{N}+#]))?`
/** `React.useEffect`, `nginx.conf`, `CVE-2026-2332`, `1.2.3`. */
const joined = new RegExp(`${unit}(?:[._-]${unit})*`, 'gu')
const units = new RegExp(unit, 'gu')
/** `e.g`, `U.S`: one word, whose letters mean nothing by themselves. Apart, they cost CISI 0.012 nDCG@10. */
const initials = /^\p{L}(?:\.\p{L}){1,5}$/u
const bare = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/u

/** The letters that stand for signs, so that PostgreSQL's parser keeps them; migration 0015 puts the signs back. */
const letterOf: Readonly<Record<string, string>> = {
  '.': '\u1427',
  '-': '\u1428',
  _: '\u02cd',
  '+': '\u1429',
  '#': '\u2d4c',
}
const signOf = new Map(Object.entries(letterOf).map(([sign, letter]) => [letter, sign]))
/** Between the text and the same text without accents. */
const separator = '\u001f'

/**
 * A text for extropy_words: its words in their order, then other forms that a question may use. Of `React.useEffect` these are the
 * two words and the whole; of `Notepad++` the word with its signs and the one without. One letter alone is not what `C++`
 * is about, so there it is left out.
 */
export function searchText(text: string): string {
  const { words, beside } = readWords(text)
  return withPlain([...words, ...beside].join(' '))
}

/** A phrase or an excluded word for extropy_phrase: the words that stand one after the other. */
export function phraseText(text: string): string {
  return withPlain(readWords(text).words.join(' '))
}

/** The output of `searchText` or `phraseText`, without accents. */
export function plainOf(prepared: string): string {
  return prepared.slice(prepared.indexOf(separator) + 1)
}

/** The word at a place, 1 for the first, of what `searchText` made: as it was written, in lower case. */
export function wordAt(prepared: string, position: number): string {
  const word = prepared.split(separator, 1)[0]?.split(' ')[position - 1] ?? ''
  return word.replace(/[\u1427-\u1429\u02cd\u2d4c]/g, (letter) => signOf.get(letter) ?? letter)
}

function readWords(text: string): { words: string[]; beside: string[] } {
  const words: string[] = []
  const wholes: string[] = []
  const withoutSigns: string[] = []
  for (const [whole] of spaceOut(text).matchAll(joined)) {
    const parts = initials.test(whole) ? [whole] : (whole.match(units) ?? [])
    for (const part of parts) {
      const [word = ''] = part.match(bare) ?? []
      if (word.length > longestWord) continue
      if (word === part) {
        words.push(part)
        continue
      }
      words.push(encode(part))
      if (!/^\p{L}\p{M}*$/u.test(word)) withoutSigns.push(word)
    }
    if (parts.length > 1 && whole.length <= longestJoined) wholes.push(encode(whole))
  }
  return { words, beside: [...wholes, ...withoutSigns] }
}

/**
 * One form of each letter, nothing invisible, spaces between the words of scripts that have none (one dictionary, ICU's, for
 * Chinese and Japanese alike).
 */
function spaceOut(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase()
  return text
    .replace(tradeMarks, ' ')
    .normalize('NFKC')
    .slice(0, mostGrowth * text.length)
    .replace(invisible, '')
    .toLowerCase()
    .replace(/\u2010/g, '-')
    .replace(unspaced, (run) => ` ${[...segmenter.segment(run)].map(({ segment }) => segment).join(' ')} `)
}

function encode(word: string): string {
  return word.replace(/[.\-_+#]/g, (sign) => letterOf[sign] ?? sign)
}

function withPlain(words: string): string {
  const plain = foldAccents(words)
  return plain === words ? words : words + separator + plain
}

/** Marks on letters of these scripts are accents or vowel points, which people leave out; elsewhere they belong to the letter. */
const accented = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}])\p{M}+/gu
/** Letters that Unicode does not take apart, though people write them so. */
const unfolded: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
}

/** `résumé` to `resume`, `Łódź` to `lodz`; `किरण` stays. Lower case is expected. */
function foldAccents(text: string): string {
  // Nothing that has an accent, and signs of `letterOf`: most texts, and the costly part is left out.
  if (!/[^\0-\x7f\u1427\u1428\u02cd\u1429\u2d4c]/.test(text)) return text
  return stripAccents(text).replace(/[ßæœøłđðþħı]/g, (letter) => unfolded[letter] ?? letter)
}

function stripAccents(text: string): string {
  return text.normalize('NFD').replace(accented, '$1').normalize('NFC')
}
