import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Door, Payload } from '@extropy/api'

export type Encoding = 'br' | 'gzip'

/** Smaller bodies fit into one packet with or without it. */
const minBytes = 1024

const compressors = {
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 6 }),
  // 5 of 11: JSON comes out smaller than by gzip, in about its time.
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
} as const satisfies Record<Encoding, (bytes: Buffer) => Promise<Buffer>>

/** The best encoding that the caller takes, by RFC 9110 12.5.3; what can't be read as a preference is none. */
export function encodingFor(acceptEncoding: string | undefined): Encoding | undefined {
  if (acceptEncoding === undefined) return undefined
  const refused = new Set<string>()
  const accepted = new Set<string>()
  for (const part of acceptEncoding.toLowerCase().split(',', 20)) {
    const [name = '', ...parameters] = part.trim().split(/\s*;\s*/)
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2)
    const weight = q === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q) : 0
    ;(weight > 0 ? accepted : refused).add(name)
  }
  const takes = (name: Encoding) => accepted.has(name) || (accepted.has('*') && !refused.has(name))
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : undefined
}

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

/** For what is not kept. */
export async function compressed(bytes: Buffer, encoding: Encoding): Promise<Buffer | undefined> {
  return bytes.length < minBytes ? undefined : compressors[encoding](bytes)
}
