import { readFileSync } from 'node:fs'

/** A list of words with a number each, from `lexicons/`: read once, on first use. */
export function openLexicon(name: 'vader' | 'afinn'): ReadonlyMap<string, number> {
  const known = lexicons.get(name)
  if (known !== undefined) return known
  const lines = readFileSync(new URL(`./lexicons/${name}.tsv`, import.meta.url), 'utf8').split('\n')
  const lexicon = new Map(
    lines.flatMap((line) => {
      const tab = line.lastIndexOf('\t')
      return tab === -1 ? [] : [[line.slice(0, tab), Number(line.slice(tab + 1))] as const]
    }),
  )
  lexicons.set(name, lexicon)
  return lexicon
}

const lexicons = new Map<string, ReadonlyMap<string, number>>()
