import { describe, expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'

const russian = 'Сегодня утром река замёрзла от берега до берега, впервые с тех пор, как я сюда переехал. '.repeat(20)
/** Cyrillic letters in KOI8-R and windows-1251, which no encoder of Node's writes. */
function encode(text: string, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding)
  const codes = new Map(Array.from({ length: 256 }, (_, code) => [decoder.decode(Uint8Array.of(code)), code]))
  return Uint8Array.from(text, (letter) => codes.get(letter) ?? 0x3f)
}
const latin = (text: string) => Buffer.from(text, 'latin1')
const utf16 = (text: string, big = false, mark = false) => {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le')
  return big ? bytes.swap16() : bytes
}
function utf32(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer([...text].length * 4))
  for (const [at, letter] of [...text].entries()) view.setUint32(at * 4, letter.codePointAt(0) ?? 0, little)
  return new Uint8Array(view.buffer)
}

describe('decodeText', () => {
  test.each([
    ['a mark of UTF-8 over the content type', Buffer.from('\uFEFFé'), 'text/html; charset=iso-8859-1', 'é', 'bom'],
    ['a mark of UTF-16 LE', utf16('<p>é</p>', false, true), undefined, '<p>é</p>', 'bom'],
    ['a mark of UTF-16 BE', utf16('<p>é</p>', true, true), undefined, '<p>é</p>', 'bom'],
    ['UTF-16 without a mark', utf16('<p>é</p>'), undefined, '<p>é</p>', 'bom'],
    ['UTF-32 BE', utf32('\uFEFF<p>é 😀</p>', false), undefined, '<p>é 😀</p>', 'bom'],
    ['UTF-32 LE', utf32('\uFEFF<p>é 😀</p>', true), undefined, '<p>é 😀</p>', 'bom'],
    ['the content type', encode(russian, 'koi8-r'), 'text/html; charset="KOI8-R"', russian, 'content-type'],
    [
      'the content type over the declaration',
      latin('<meta charset="utf-8">caf\xe9'),
      'text/html;charset=ISO-8859-1',
      '<meta charset="utf-8">café',
      'content-type',
    ],
    [
      'the XML declaration',
      encode(`<?xml version="1.0" encoding="windows-1251"?>${russian}`, 'windows-1251'),
      undefined,
      `<?xml version="1.0" encoding="windows-1251"?>${russian}`,
      'declaration',
    ],
    [
      'a meta element',
      latin('<html><meta charset=latin1>caf\xe9'),
      undefined,
      '<html><meta charset=latin1>café',
      'declaration',
    ],
    [
      'a meta element of old',
      latin('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">\xa4'),
      undefined,
      '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">€',
      'declaration',
    ],
    ['valid UTF-8 that nobody declares', Buffer.from('naïve – 日本'), undefined, 'naïve – 日本', 'utf-8'],
    [
      'UTF-8 against a server that says ISO-8859-1 of everything',
      Buffer.from('<p>naïve – 日本</p>'),
      'text/html; charset=iso-8859-1',
      '<p>naïve – 日本</p>',
      'utf-8',
    ],
    ['a guess, where nothing is declared', encode(russian, 'windows-1251'), undefined, russian, 'guess'],
    [
      'a guess, where the declaration is wrong',
      encode(russian, 'koi8-r'),
      'text/html; charset=utf-8',
      russian,
      'guess',
    ],
    ['an encoding that does not exist', Buffer.from('é'), 'text/html; charset=bogus', 'é', 'utf-8'],
  ])('goes by %s', (_, bytes, contentType, text, by) => {
    expect(decodeText(bytes, contentType)).toMatchObject({ text, by })
  })

  test('keeps UTF-8 that is cut in the middle of a letter', () => {
    const cut = Buffer.from('日本語の文章です。'.repeat(5)).subarray(0, -1)
    expect(decodeText(cut, 'text/html; charset=utf-8')).toMatchObject({ encoding: 'utf-8' })
    expect(decodeText(cut).text).toContain('日本語の文章')
  })

  test('never throws, whatever the bytes and the labels', () => {
    let seed = 7
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed / 2 ** 31
    }
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256))
      const label = ['replacement', 'utf-7', 'utf-16', '', 'x-user-defined', 'gb18030'][round % 6]
      expect(typeof decodeText(bytes, `text/html; charset=${label}`).text).toBe('string')
    }
  })

  test.each([
    'shift_jis',
    'euc-jp',
    'gb2312',
    'gbk',
    'big5',
    'euc-kr',
    'windows-1255',
    'iso-8859-8',
    'macintosh',
    'ibm866',
    'koi8-u',
  ])('knows %s', (label) => {
    expect(decodeText(latin('<p>a</p>'), `text/html; charset=${label}`)).toMatchObject({
      text: '<p>a</p>',
      by: 'content-type',
    })
  })
})
