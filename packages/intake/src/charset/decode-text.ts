import { isAscii, isUtf8 } from 'node:buffer'
import { detect } from 'chardet'

export interface Decoded {
  readonly text: string
  /** The encoding's WHATWG name, such as `utf-8` or `shift_jis`. */
  readonly encoding: string
  /** Whence it is known. */
  readonly by: 'bom' | 'content-type' | 'declaration' | 'utf-8' | 'guess' | 'fallback'
}

/** Declarations stand in the first kilobyte by the HTML standard; some pages put them behind a long script. */
const declarationBytes = 4096
/** What chardet looks at: more makes it slower, not surer. */
const guessBytes = 65_536

/**
 * Bytes of a page or a feed as text, by the byte order mark, the content type, the document's own declaration, then UTF-8 where
 * the bytes are valid UTF-8, then a guess by the letters' frequencies. Never throws; invalid bytes become U+FFFD.
 */
export function decodeText(bytes: Uint8Array, contentType?: string): Decoded {
  const wide = fromUtf32(bytes)
  if (wide !== undefined) return wide
  const marked = byMark(bytes)
  if (marked !== undefined) return decode(bytes, marked, 'bom')
  const valid = isUtf8(bytes)
  const stated = labelOf(/charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType ?? '')?.[1])
  if (stated !== undefined && agrees(stated, bytes, valid)) return decode(bytes, stated, 'content-type')
  const declared = byDeclaration(bytes)
  if (declared !== undefined && agrees(declared, bytes, valid)) return decode(bytes, declared, 'declaration')
  if (valid || isMostlyUtf8(bytes)) return decode(bytes, 'utf-8', 'utf-8')
  const guessed = labelOf(guess(bytes))
  if (guessed !== undefined && guessed !== 'utf-8') return decode(bytes, guessed, 'guess')
  return decode(bytes, stated ?? declared ?? 'windows-1252', 'fallback')
}

function decode(bytes: Uint8Array, encoding: string, by: Decoded['by']): Decoded {
  return { text: new TextDecoder(encoding).decode(bytes), encoding, by }
}

/**
 * Servers say `utf-8` or `iso-8859-1` of everything. Bytes that are valid UTF-8 beyond ASCII are hardly ever anything else, and
 * bytes that are not are no UTF-8.
 */
function agrees(encoding: string, bytes: Uint8Array, valid: boolean): boolean {
  if (encoding === 'utf-8') return valid || isMostlyUtf8(bytes)
  return encoding !== 'windows-1252' || !valid || isAscii(bytes)
}

/** UTF-8 with a few bad bytes: cut in the middle of a letter, or with an old comment pasted in. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const beyondAscii = new TextDecoder().decode(bytes.subarray(0, guessBytes)).match(/[^\0-\x7f]/g) ?? []
  const bad = beyondAscii.filter((letter) => letter === '\ufffd').length
  return beyondAscii.length > bad * 5
}

/** TextDecoder knows UTF-16 and not UTF-32, which a few feeds are written in. */
function fromUtf32(bytes: Uint8Array): Decoded | undefined {
  const [a, b, c, d] = bytes
  const big = a === 0 && b === 0 && ((c === 0xfe && d === 0xff) || (c === 0 && d === 0x3c))
  const little = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0x3c && b === 0 && c === 0 && d === 0)
  if (!big && !little) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: string[] = []
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const code = view.getUint32(at, little)
    const sound = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    if (code !== 0xfeff || at > 0) parts.push(sound ? String.fromCodePoint(code) : '\ufffd')
  }
  return { text: parts.join(''), encoding: big ? 'utf-32be' : 'utf-32le', by: 'bom' }
}

function byMark(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0xff && b === 0xfe && !(c === 0 && d === 0)) return 'utf-16le'
  // `<` or `<?` without a mark.
  if (a === 0 && b === 0x3c && c === 0) return 'utf-16be'
  if (a === 0x3c && b === 0 && c !== 0 && d === 0) return 'utf-16le'
  return undefined
}

/** The name of an encoding that TextDecoder has; undefined for others, and for `replacement`. */
function labelOf(name: string | null | undefined): string | undefined {
  if (!name) return undefined
  try {
    return new TextDecoder(name).encoding
  } catch {
    return undefined
  }
}

function byDeclaration(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, declarationBytes)).toString(
    'latin1',
  )
  const name =
    /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']+)/i.exec(head)?.[1] ??
    /<meta[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head)?.[1]
  const label = labelOf(name)
  // A declaration that could be read as single bytes is none of UTF-16.
  return label?.startsWith('utf-16') ? 'utf-8' : label
}

function guess(bytes: Uint8Array): string | null {
  try {
    return detect(bytes.subarray(0, guessBytes))
  } catch {
    return null
  }
}
