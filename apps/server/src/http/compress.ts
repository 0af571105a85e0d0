import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Door, Payload } from '@extropy/api'
import { remembered } from './remembered.ts'

export type Encoding = 'br' | 'gzip'

/** Smaller bodies fit into one packet with or without it. */
const minBytes = 1024

const compressors = {
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 6 }),
  // 5 of 11: JSON comes out smaller than by gzip, in about its time.
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
} as const satisfies Record<Encoding, (bytes: Buffer) => Promise<Buffer>>

/** Far longer than any real header; the rest is not read. */
const longestPreferences = 500
const weightPattern = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/

/**
 * The encoding that the caller prefers, by RFC 9110 12.5.3: the one with the greatest weight, the smallest among equals. A
 * caller that does not name `identity` takes it last. A malformed preference counts as a refusal.
 */
export function encodingFor(acceptEncoding: string | undefined): Encoding | undefined {
  return acceptEncoding === undefined ? undefined : preferred(acceptEncoding)
}

/** Remembered, since parsing the header each time would take a tenth of a hit's time. */
const preferred = remembered((acceptEncoding): Encoding | undefined => {
  const weights = new Map<string, number>()
  for (const part of acceptEncoding.slice(0, longestPreferences).toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim())
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2)
    weights.set(name, q === undefined ? 1 : weightPattern.test(q) ? Number(q) : 0)
  }
  const others = weights.get('*') ?? 0
  const [br, gzip] = [weights.get('br') ?? others, weights.get('gzip') ?? others]
  const best = Math.max(br, gzip)
  if (best === 0 || best < (weights.get('identity') ?? 0)) return undefined
  return br === best ? 'br' : 'gzip'
})

/** The compressed form if somebody has made it already, or the plain one where that is as good. */
export function peekEncoded(
  answer: Payload,
  door: Door,
  encoding: Encoding,
): { body: Buffer; encoding: Encoding | undefined } | undefined {
  if (answer[door].length < minBytes) return { body: answer[door], encoding: undefined }
  const made = answer.encoded.get(door + encoding)
  return made === undefined || made instanceof Promise ? undefined : { body: made, encoding }
}

/** Compressed once for each answer that is kept, however often it is sent. Undefined where it is not worth it. */
export async function encodedForm(answer: Payload, door: Door, encoding: Encoding): Promise<Buffer | undefined> {
  const bytes = answer[door]
  if (bytes.length < minBytes) return undefined
  const name = door + encoding
  let form = answer.encoded.get(name)
  if (form === undefined) {
    form = compressors[encoding](bytes)
    answer.encoded.set(name, form)
    form.then(
      (done) => answer.encoded.set(name, done),
      () => answer.encoded.delete(name),
    )
  }
  return form
}

/** For answers that are not kept. */
export async function compressed(bytes: Buffer, encoding: Encoding): Promise<Buffer | undefined> {
  return bytes.length < minBytes ? undefined : compressors[encoding](bytes)
}
