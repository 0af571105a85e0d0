import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { parsePrompt } from './parse-prompt.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  const note = (title: string, body: string) => contentLine({ title, body })
  await ingestLines(deps, [
    note('Hooks', 'Call React.useEffect after the first paint.'),
    note('Effects', 'What a usEffects table is for.'),
    note(
      'Network',
      'The TCP/IP stack, and a mail to alice.smith@example.org about etc/nginx.conf on host7.example.org.',
    ),
    note('Flaw', 'Upgrade because of CVE-2026-2332 and set edition-2018, not edition 2021.'),
    note('Model', 'A prompt for GPT-4 and its -273 degrees.'),
    note('Plain letter', 'The language C came first.'),
    note('Plus', 'The language C++ came later.'),
    note('Sharp', 'The language C# came last.'),
    note('Key', 'The language F# is another.'),
    note('Dot', 'A runtime such as .NET for all.'),
    note('Fish', 'A net for fish.'),
    note('Press', 'Ein Zeit\u00adschrif\u00adten\u00adverlag, super\u200bcali\u200bfragi.'),
    note('Work', 'A résumé for Zürich and Łódź.'),
    note('Go on', 'To resume the walk.'),
  ])
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

/** By word alone: these titles, best first. */
async function found(prompt: string): Promise<string[]> {
  const { results } = await caller.query.rag({ prompt, nResults: 100 })
  return results
    .filter(({ word }) => word !== null)
    .sort((a, b) => (a.word?.rank ?? 0) - (b.word?.rank ?? 0))
    .map(({ content }) => content.title)
}

describe('a question finds', () => {
  test.each([
    ['useEffect', ['Hooks']],
    ['React.useEffect', ['Hooks']],
    ['TCP', ['Network']],
    ['alice', ['Network']],
    ['alice.smith@example.org', ['Network']],
    ['nginx', ['Network']],
    ['nginx.conf', ['Network']],
    ['host7', ['Network']],
    ['2332', ['Flaw']],
    ['CVE 2026 2332', ['Flaw']],
    ['CVE-2026-2332', ['Flaw']],
    ['edition 2018', ['Flaw']],
    ['GPT 4', ['Model']],
    ['273', ['Model']],
    ['C', ['Plain letter']],
    ['C++', ['Plus']],
    ['c#', ['Sharp']],
    ['F#', ['Key']],
    ['.NET', ['Dot', 'Fish']],
    ['Zeitschriftenverlag', ['Press']],
    ['supercalifragi', ['Press']],
    ['Zeit\u00adschriften\u200bverlag', ['Press']],
    ['Zurich', ['Work']],
    ['lodz', ['Work']],
    ['resume', ['Go on', 'Work']],
    ['résumé', ['Work', 'Go on']],
  ])('%s', async (prompt, titles) => {
    expect(await found(prompt)).toEqual(titles)
  })
})

test.each(['useEffect', 'TCP/IP', 'alice.smith', '2332', 'C++', 'résumé'])(
  '%s is there, and is not corrected',
  async (prompt) => {
    const { search } = await caller.query.rag({ prompt })
    expect(search.words.filter(({ insteadOf }) => insteadOf !== undefined)).toEqual([])
  },
)

test('a joined word that is nowhere is not corrected: its parts stand for themselves', async () => {
  const { search } = await caller.query.rag({ prompt: 'edition.2021' })
  expect(search.words.map(({ word }) => word)).toEqual(['edit/edition', '2021'])
})

describe('operators', () => {
  test.each([
    ['call -useEffect', 'Hooks'],
    ['stack -nginx', 'Network'],
    ['upgrade -edition-2018', 'Flaw'],
    ['language -C++', 'Plus'],
    ['language -C#', 'Sharp'],
    ['runtime -.NET', 'Dot'],
    ['walk -resume', 'Go on'],
    ['for -resume', 'Work'],
    ['Ein -Zeitschriftenverlag', 'Press'],
  ])('%s keeps %s out', async (prompt, title) => {
    const { results } = await caller.query.rag({ prompt, nResults: 100 })
    expect(results.map(({ content }) => content.title)).not.toContain(title)
    expect(results).not.toEqual([])
  })

  test.each([
    ['"useEffect after"', ['Hooks']],
    ['"call React"', ['Hooks']],
    ['"TCP IP stack"', ['Network']],
    ['"CVE 2026 2332"', ['Flaw']],
    ['"language C"', ['Plain letter']],
    ['"language C++ came"', ['Plus']],
    ['"resume for zurich"', ['Work']],
  ])('%s finds %j', async (prompt, titles) => {
    expect(await found(prompt)).toEqual(titles)
  })

  test.each([
    'what does -O3 do',
    'rustc -C opt-level=3',
    'exit code -1073741819',
    'from -3.5 to 4',
    '-useEffect',
    '-"a phrase"',
    `async ${'-glued.'.repeat(100)}`,
  ])('%s excludes nothing', (prompt) => {
    expect(parsePrompt(prompt)).toEqual({ text: prompt, phrases: [], excluded: [] })
  })

  test.each([
    ['hooks -useEffect', ['useEffect']],
    ['-京 東京', ['京']],
    ['languages -C++ -c# -.NET', ['C++', 'c#', '.NET']],
  ])('%s excludes %j', (prompt, excluded) => {
    expect(parsePrompt(prompt).excluded).toEqual(excluded)
  })
})

test.each([
  ['long words', () => 'x'.repeat(990)],
  [
    'words of forty letters',
    () =>
      Math.random()
        .toString(36)
        .repeat(4)
        .replace(/[^a-z]/g, '')
        .slice(0, 40),
  ],
  ['short words', () => Math.random().toString(36).slice(2, 7)],
  ['one joined word', () => 'react.use.effect.'],
  ['phrases', () => '"react use effect"'],
  ['exclusions', () => '-react'],
  ['ligatures', () => 'ﷺ'],
])('8 kB of %s take little work', async (_, piece) => {
  let prompt = ''
  while (prompt.length < 7000) prompt += ` ${piece()}`
  const before = process.cpuUsage()
  await caller.query.rag({ prompt })
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(3)
})
