import type { Context } from 'hono'
import { follow, joined } from './stored-response.ts'

/** The request's body, or `undefined` where it is larger: then no more of it was read. The handler can read all of it either way. */
export async function takeRequestBody(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { raw } = c.req
  // Somebody in front has read it, through Hono, which has kept it.
  if (raw.bodyUsed) return within(new Uint8Array(await c.req.arrayBuffer()), maxBytes)
  if (raw.body === null) return new Uint8Array(0)
  const reader: ReadableStreamDefaultReader<Uint8Array> = raw.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value)
    size += part.value.byteLength
    if (size > maxBytes) {
      c.req.raw = new Request(raw, { body: follow(chunks, undefined, reader), duplex: 'half' })
      return undefined
    }
  }
  const bytes = joined(chunks, size)
  c.req.raw = new Request(raw, { body: bytes })
  return bytes
}

function within(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
  return bytes.byteLength > maxBytes ? undefined : bytes
}
