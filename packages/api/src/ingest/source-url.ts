import { canonicalUrl } from '@extropy/intake'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { storableText } from '../storable-text.ts'

/** Bytes: an entry of PostgreSQL's btree holds 2,704, its own header included. */
const maxBytes = 2048

/** What an archive has without an address: a file, captions. Its name is as unchangeable as an address. */
const urn = /^urn:extropy:[\w.~%!$&'()*+,;=:@/-]+$/

/** A content's identity: of all spellings of one address, the same one. Decision 46 says which those are. */
export const SourceUrl = cleanText(maxBytes).transform((text, context) => {
  if (urn.test(text) && text.length <= maxBytes) return text
  const url = /^https?:\/\//i.test(text.trim()) ? URL.parse(text.trim()) : null
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  if (url === null) return refuse('must be an http or https URL')
  if (`${url.username}${url.password}` !== '') return refuse('must not have a user name or a password')
  const normal = normalise(url)
  return normal.length <= maxBytes ? normal : refuse(`must be at most ${maxBytes} bytes, percent-encoded`)
})

/** The parser has lowered scheme and host, taken out the default port and dot segments, and encoded what is not ASCII. */
function normalise(url: URL): string {
  // A text fragment only marks a place in the page; any other fragment may tell one entry of a page from the next.
  url.hash = url.hash.replace(/^#(:~:.*)?$|:~:.*/s, '')
  return url.href.replace(/%([\da-f]{2})?/gi, (encoded, hex?: string) => {
    if (hex === undefined) return '%25'
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w.~-]/.test(character) ? character : encoded.toUpperCase()
  })
}

/** An address as `SourceUrl` spells it; what is none stays as it is, as far as a query may ask for it, and is refused where it is stored. */
export function spellingOf(url: string): string {
  return SourceUrl.safeParse(url).data ?? storableText(url)
}

/** Whether the index over other addresses of contents holds this one. */
export function isStorable(url: string): boolean {
  return Buffer.byteLength(url) <= maxBytes
}

/** The one address of a piece: without tracking parameters, fragments and the like. */
export function addressOf(url: string): string {
  return spellingOf(canonicalUrl(url) ?? url)
}
