import { hash } from 'node:crypto'

const rpcStart = '{"result":{"data":'.length
const rpcEnd = '}}'.length

/** An answer ready to be sent, at any door: one run of bytes, which is tRPC's envelope with REST's answer inside. */
export class Answer {
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

  /** Of the content: the same at every door and in every encoding. */
  get digest(): string {
    this.#digest ??= hash('sha256', this.rest, 'base64url').slice(0, 27)
    return this.#digest
  }
}

const answers = new WeakMap<Buffer, Answer>()

/** What is cached are the bytes alone; what was made of them stays with them for as long as they do. */
export function answerOf(rpc: Buffer): Answer {
  let answer = answers.get(rpc)
  if (answer === undefined) {
    answer = new Answer(rpc)
    answers.set(rpc, answer)
  }
  return answer
}

/** What an answer may take in memory: its bytes, and room for two compressed forms, each less than half. */
export function sizeOfAnswer(bytes: unknown): number {
  return 2 * (bytes as Buffer).byteLength + 200
}
