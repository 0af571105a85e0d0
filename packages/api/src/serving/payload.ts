import { hash } from 'node:crypto'

const rpcStart = '{"result":{"data":'.length
const rpcEnd = '}}'.length

/** The protocol of a request: REST, or tRPC's own. */
export type Door = 'rest' | 'rpc'

/** An answer ready to be sent, at any door: one run of bytes, which is tRPC's envelope with REST's answer inside. */
export class Payload {
  /** `{"result":{"data":…}}` */
  readonly rpc: Buffer
  /** The `…`: the same memory. */
  readonly rest: Buffer
  #digest: string | undefined
  /** Compressed forms, by door and encoding, made by whoever first needs one. */
  readonly encoded = new Map<string, Buffer | Promise<Buffer>>()

  constructor(rpc: Buffer) {
    this.rpc = rpc
    this.rest = rpc.subarray(rpcStart, rpc.length - rpcEnd)
  }

  /** The content's digest, the same at every door and in every encoding. */
  get digest(): string {
    this.#digest ??= hash('sha256', this.rest, 'base64url').slice(0, 27)
    return this.#digest
  }
}

const payloads = new WeakMap<Buffer, Payload>()

/** The cache keeps only the bytes; forms made of them live as long as they do. */
export function payloadOf(rpc: Buffer): Payload {
  let payload = payloads.get(rpc)
  if (payload === undefined) {
    payload = new Payload(rpc)
    payloads.set(rpc, payload)
  }
  return payload
}

/** An answer's share of memory, in bytes: its own, and room for two compressed forms, each less than half of it. */
export function sizeOfPayload(bytes: unknown): number {
  return 2 * (bytes as Buffer).byteLength + 200
}
