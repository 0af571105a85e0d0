import { expect, test } from 'vitest'
import { readSentences } from './sentences.ts'

const texts = (content: string) => readSentences(content).map(({ text }) => text)

test('a sentence over several lines is one, without markup, and its place is where it stands', () => {
  const content =
    '# Head\n\nWe **removed** [the rule](https://x.org/a.b)\nfrom `eslint.config.js` today[^1].  It\nis gone.\n\n[^1]: See below.\n'
  const sentences = readSentences(content)
  expect(sentences.map(({ text }) => text)).toEqual([
    'We removed the rule from eslint.config.js today.',
    'It is gone.',
    'See below.',
  ])
  expect(sentences[0]).toMatchObject({ heading: 'Head' })
  expect(sentences.map(({ start, end }) => content.slice(start, end))).toEqual([
    'We **removed** [the rule](https://x.org/a.b)\nfrom `eslint.config.js` today[^1].',
    'It\nis gone.',
    'See below.',
  ])
})

test('code, tables, definitions, HTML and pictures are not said', () => {
  const content =
    'Before it.\n\n```rust\nfn main() {}. Yes.\n```\n\n| a. | b. |\n| - | - |\n| C. | D. |\n\n<div>Hidden.</div>\n\n![Alt.](x.png) After it.\n\n[l]: https://x.org "T."\n'
  expect(texts(content)).toEqual(['Before it.', 'After it.'])
})

test.each([
  'Nicholas C. Zakas wrote it.',
  'J. R. Smith left.',
  'Some tools, e.g. ESLint, need v1.2 of it.',
  'Ask Dr. Miller about Fig. 3 in it.',
  'Use eprintln! and ask why? within it.'.replace('eprintln!', '`eprintln!`').replace('why?', '`why?`'),
  'We use Yahoo! as a source.',
  'The U.S. government agreed.',
])('%s is one sentence', (sentence) => {
  expect(texts(`${sentence} The end.`)).toEqual([sentence.replaceAll('`', ''), 'The end.'])
})

test('a single letter that is no initial ends its sentence', () => {
  expect(texts('It is written in C. The rest is not.')).toEqual(['It is written in C.', 'The rest is not.'])
})

test('a lead-in brings what it leads to: a sentence, a paragraph or a list', () => {
  expect(texts('Here is why: The disk was full.')).toEqual(['Here is why: The disk was full.'])
  expect(texts('Here is why:\n\nThe disk was full. So it stopped.')[0]).toBe('Here is why: The disk was full.')
  expect(texts('Three were added:\n\n* the first one\n* `b.c`\n* a third')).toEqual([
    'Three were added: the first one; b.c; a third.',
  ])
  expect(texts('Run this:\n\n```\nnpm i a.b\n```\n\nThen go.')).toEqual(['Run this: npm i a.b.', 'Then go.'])
  expect(texts('Run this:\n\n```\nls\ncd\n```\n\nThen go.')).toEqual(['Then go.'])
})

test('a heading leads to the list behind it, unless its items are sentences', () => {
  expect(texts('## Three changes\n\n- the first\n- `b.c`\n- a third')).toEqual([
    'Three changes: the first; b.c; a third.',
  ])
  expect(texts('## Changes\n\n- It went.\n- It came.')).toEqual(['It went.', 'It came.'])
})

test('a long list is said in pieces, each with its place', () => {
  const content = `Added:\n\n${Array.from({ length: 8 }, (_, at) => `- item ${at + 1}`).join('\n')}`
  const sentences = readSentences(content)
  expect(sentences.map(({ text }) => text)).toEqual([
    'Added: item 1; item 2; item 3; item 4; item 5; item 6 …',
    'Added: … item 7; item 8.',
  ])
  expect(content.slice(sentences[1]?.start, sentences[1]?.end)).toBe('item 7\n- item 8')
})

test('lines that end early are lines of their own', () => {
  expect(
    texts('A long line that shows how wide this text is set here.\nShort one.\nAsk us: a@b.org\nAnd more of it all.'),
  ).toEqual(['A long line that shows how wide this text is set here.', 'Short one.', 'And more of it all.'])
})

test('quotations and items are read, and their places too', () => {
  const content = '> Quoted\n> words are here.\n\n1. First item\n   goes on.\n   - Inner one.\n'
  const sentences = readSentences(content)
  expect(sentences.map(({ text }) => text)).toEqual(['Quoted words are here.', 'First item goes on.', 'Inner one.'])
  expect(sentences.map(({ start, end }) => content.slice(start, end))).toEqual([
    'Quoted\n> words are here.',
    'First item\n   goes on.',
    'Inner one.',
  ])
})

test('entities are what they stand for; a text with Windows line ends has the same places', () => {
  const content = 'Fast\r\n&mdash; and &#39;safe&#39; &lt;3.\r\n\r\nNext one.'
  const sentences = readSentences(content)
  expect(sentences.map(({ text }) => text)).toEqual(["Fast — and 'safe' <3.", 'Next one.'])
  expect(content.slice(sentences[1]?.start, sentences[1]?.end)).toBe('Next one.')
})
