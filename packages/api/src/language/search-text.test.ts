import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { phraseText, searchText } from './search-text.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

/** A text's lexemes, in the order of their places. */
async function lexemesOf(text: string, config = 'english'): Promise<string[]> {
  const { rows } = await sql<{ lexeme: string }>`
    select lexeme from unnest(extropy_words(${config}::regconfig, ${searchText(text)})) order by positions[1], lexeme`.execute(
    database.db,
  )
  return rows.map((row) => row.lexeme)
}

async function hasPhrase(text: string, phrase: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select extropy_words('english', ${searchText(text)}) @@ extropy_phrase('english', ${phraseText(phrase)}) as found`.execute(
    database.db,
  )
  return rows[0]?.found ?? false
}

describe('searchText', () => {
  test.each([
    ['a member of an object', 'React.useEffect', ['react', 'useeffect', 'react.useeffect']],
    ['a slash between words', 'TCP/IP', ['tcp', 'ip']],
    ['an e-mail address', 'alice.smith@example.org', ['alic', 'smith', 'exampl', 'org', 'alice.smith', 'example.org']],
    ['a path', 'etc/nginx.conf', ['etc', 'nginx', 'conf', 'nginx.conf']],
    ['a version', 'v1.20.3', ['v1', '20', '3', 'v1.20.3']],
    ['a hyphen', 'boundary-layers', ['boundari', 'layer', 'boundary-lay']],
    ['a name in code', 'snake_case', ['snake', 'case', 'snake_cas']],
    ['digits behind a hyphen', 'CVE-2026-2332', ['cve', '2026', '2332', 'cve-2026-2332']],
    ['a negative number', 'exit code -1073741819', ['exit', 'code', '1073741819']],
    ['a URL', 'https://w.org/a-b?c=d#e', ['https', 'w', 'org', 'b', 'c', 'd', 'e', 'w.org', 'a-b']],
    ['what looks like a tag', 'Option<String>', ['option', 'string']],
    ['a namespace', 'std::vec::Vec', ['std', 'vec']],
    ['quotation marks and dashes of print', '“word”—and…more', ['word']],
    ['letters alone that signs belong to', 'C, C++, C#, F#', ['c', 'c++', 'c#', 'f#']],
    ['signs behind a longer word', 'Notepad++', ['notepad++', 'notepad']],
    ['initials', 'e.g. the U.S.A. of J.R.Smith', ['e.g', 'u.s.a', 'j', 'r', 'smith', 'j.r.smith']],
    ['a point in front', '.NET', ['.net', 'net']],
    ['a point at the end of a sentence', 'the net. Go', ['net', 'go']],
    ['a call of a method', 'list().map()', ['list', 'map']],
    ['signs inside', 'C++17 and a+b, issue#12', ['c++', '17', 'b', 'issu', '12']],
    ['a soft hyphen', 'Zeit\u00adschrif\u00adten', ['zeitschriften']],
    ['a zero-width space', 'super\u200bcali', ['supercali']],
    [
      'marks of direction, a word joiner, a byte order mark',
      '\ufeffal\u2060pha\u200e \u202ebeta\u202c',
      ['alpha', 'beta'],
    ],
    ['a variation selector', 'heart\ufe0f', ['heart']],
    ['a trade mark', 'Rust™', ['rust']],
    ['full-width letters', 'Ｒｕｓｔ', ['rust']],
    ['accents', 'naïve Łódź', ['naiv', 'naïv', 'lodz', 'łódź']],
    ['a mark apart from its letter', 'Cafe\u0301', ['cafe', 'café']],
    ['marks that belong to the letter', 'किरण करण', ['किरण', 'करण']],
    ['scripts without spaces', 'PostgreSQLの検索', ['postgresql', 'の', '検索']],
    ['nothing at all', '??? -- \u00ad', []],
  ])('%s', async (_, text, lexemes) => {
    expect((await lexemesOf(text)).sort()).toEqual(lexemes.toSorted())
  })

  test('gives a stop word no form without its accents, which would be another word', async () => {
    expect(await lexemesOf('Für die Fürsten', 'german')).toEqual(['furst'])
    expect(await lexemesOf('la même idée', 'french')).toEqual(['ide', 'idé'])
  })

  test('puts a word with its accents and without them at one place', async () => {
    const { rows } = await sql<{ words: string }>`
      select extropy_words('english', ${searchText('A résumé writer')})::text as words`.execute(database.db)
    expect(rows[0]?.words).toBe("'resum':2 'résumé':2 'writer':3")
  })

  test('leaves out runs that are too long for a word', async () => {
    expect(await lexemesOf(`${'x'.repeat(300)} word ${'a-b'.repeat(100)}`)).not.toContainEqual(
      expect.stringMatching(/.{70}/),
    )
  })

  test('takes little time for the longest text of a card, whatever it is made of', () => {
    for (const piece of ['a', 'a.', '.', 'a-b ', '+', 'é', '\u0301', '\u094d', '東', '-a', 'a+#', '\u200b', '𝒳', 'ﷺ']) {
      const before = process.threadCpuUsage()
      searchText(piece.repeat(100_000 / piece.length))
      expect(process.threadCpuUsage(before).user / 1e6, piece).toBeLessThan(2)
    }
  })
})

describe('a phrase', () => {
  test.each([
    ['a word of a joined one and the word behind it', 'the React.useEffect hook', 'useEffect hook'],
    ['a word and the joined one behind it', 'the React.useEffect hook', 'the React'],
    ['a joined word as it is', 'see nginx.conf there', 'nginx.conf'],
    ['a joined word, written apart', 'the CVE-2026-2332 fix', 'cve 2026 2332 fix'],
    ['signs', 'the C++ compiler', 'C++ compiler'],
    ['accents left out', 'a résumé writer', 'resume writer'],
    ['accents put in', 'a resume writer', 'résumé writer'],
  ])('finds %s', async (_, text, phrase) => {
    expect(await hasPhrase(text, phrase)).toBe(true)
  })

  test.each([
    ['another sign', 'the C++ compiler', 'C# compiler'],
    ['no sign', 'the C++ compiler', 'C compiler'],
    ['the other way round', 'nginx.conf', 'conf.nginx'],
  ])('does not find %s', async (_, text, phrase) => {
    expect(await hasPhrase(text, phrase)).toBe(false)
  })
})
