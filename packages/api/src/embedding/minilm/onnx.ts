/**
 * Writes ONNX models: the few messages of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3) that a
 * graph of constants and nodes needs, by their field numbers.
 */
export const elementTypes = { float: 1, int8: 3, int64: 7, float16: 10 } as const
type ElementType = keyof typeof elementTypes
type Attribute = number | { readonly float: number } | readonly number[]

/** The version of the operators that the nodes mean. */
const operatorSet = 20
const irVersion = 9

export interface GraphWriter {
  /** Adds a constant and answers its name. */
  constant(type: ElementType, dims: readonly number[], values: ArrayBufferView): string
  /** Adds a node and answers its output's name. A number is an int attribute, a list of them ints. */
  node(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string
  /** DynamicQuantizeLinear: the values as bytes, what one step of them is worth, and the byte that means zero. */
  quantise(input: string): readonly [bytes: string, step: string, zero: string]
  /** Three pieces of the last axis. */
  split(input: string, sizes: readonly [number, number, number]): readonly [string, string, string]
  /** The model's bytes. A dimension that is a name is as long as the input makes it. */
  finish(input: Value, output: Value): Uint8Array
}

interface Value {
  readonly name: string
  readonly type: ElementType
  readonly dims: readonly (number | string)[]
}

export function createGraphWriter(): GraphWriter {
  const parts: Bytes[] = []
  let names = 0
  const nextName = () => `v${names++}`
  const add = (
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ) => {
    parts.push(
      message(
        1,
        ...inputs.map((name) => text(1, name)),
        ...outputs.map((name) => text(2, name)),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => message(5, text(1, name), ...attributeValue(value))),
      ),
    )
  }
  const constant: GraphWriter['constant'] = (type, dims, values) => {
    const name = nextName()
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    const shape = dims.map((dim) => integer(1, dim))
    parts.push(message(5, ...shape, integer(2, elementTypes[type]), text(8, name), field(9, bytes)))
    return name
  }
  return {
    constant,
    node(operator, inputs, attributes) {
      const output = nextName()
      add(operator, inputs, [output], attributes)
      return output
    },
    quantise(input) {
      const outputs = [nextName(), nextName(), nextName()] as const
      add('DynamicQuantizeLinear', [input], outputs)
      return outputs
    },
    split(input, sizes) {
      const outputs = [nextName(), nextName(), nextName()] as const
      const lengths = constant('int64', [sizes.length], BigInt64Array.from(sizes, BigInt))
      add('Split', [input, lengths], outputs, { axis: -1 })
      return outputs
    },
    finish(input, output) {
      const ends = [message(11, ...valueInfo(input)), message(12, ...valueInfo(output))]
      const graph = message(7, ...parts, text(2, 'graph'), ...ends)
      return Buffer.concat([integer(1, irVersion), graph, message(8, text(1, ''), integer(2, operatorSet))].flat())
    },
  }
}

function attributeValue(value: Attribute): Bytes[] {
  const [floatKind, intKind, intsKind] = [1, 2, 7]
  if (typeof value === 'number') return [integer(3, value), integer(20, intKind)]
  if ('float' in value) return [float(2, value.float), integer(20, floatKind)]
  return [...value.map((each) => integer(8, each)), integer(20, intsKind)]
}

function valueInfo({ name, type, dims }: Value): Bytes[] {
  const shape = dims.map((dim) => message(1, typeof dim === 'number' ? integer(1, dim) : text(2, dim)))
  return [text(1, name), message(2, message(1, integer(1, elementTypes[type]), message(2, ...shape)))]
}

/** A field's bytes in pieces, put together once at the end: the constants are 35 MB. */
type Bytes = readonly Uint8Array[]

function message(number: number, ...fields: readonly Bytes[]): Bytes {
  return field(number, ...fields.flat())
}

function text(number: number, content: string): Bytes {
  return field(number, Buffer.from(content))
}

/** Length-delimited: wire type 2. */
function field(number: number, ...pieces: Bytes): Bytes {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return [varint((number << 3) | 2), varint(length), ...pieces]
}

function integer(number: number, value: number): Bytes {
  return [varint(number << 3), varint(value)]
}

function float(number: number, value: number): Bytes {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return [varint((number << 3) | 5), bytes]
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 0x80 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}
