const word = 8
const objectHeader = 3 * word
const arrayBytes = 6 * word
const heapNumber = 2 * word
/** A Buffer: the view object, its ArrayBuffer and the backing store's bookkeeping, as measured on Node 26. */
const viewBytes = 200
/** The size of one of Node's pools: a little more than `Buffer.poolSize`. */
const poolBytes = Buffer.from('x').buffer.byteLength
const mapSlot = 5 * word

/**
 * About how many bytes of memory a value holds on to, from the layout of V8 on 64 bits. Strings count one byte a character
 * where all are Latin-1 and two otherwise; shared sub-objects count once. Functions and symbols count as one word.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return stringBytes(value)
  if (typeof value !== 'object' || value === null) return scalarBytes(value)
  return objectBytes(value, new Set())
}

function stringBytes(text: string): number {
  // Buffer.byteLength equals length only for ASCII; Latin-1 text beyond ASCII is rare enough to be counted as two bytes.
  const wide = Buffer.byteLength(text) !== text.length
  return 2 * word + Math.ceil((wide ? text.length * 2 : text.length) / word) * word
}

function scalarBytes(value: unknown): number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : heapNumber
  if (typeof value === 'bigint') return 2 * word + Math.ceil(value.toString(16).length / 16) * word
  return 0
}

function objectBytes(value: object, seen: Set<object>): number {
  if (seen.has(value)) return 0
  seen.add(value)
  if (ArrayBuffer.isView(value)) return viewBytes + viewedBytes(value, seen)
  if (value instanceof ArrayBuffer) return viewBytes + value.byteLength
  if (value instanceof Date) return 12 * word
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + word + nested(each, seen), arrayBytes)
  if (value instanceof Map) {
    let sum = objectHeader + 8 * word
    for (const [key, each] of value) sum += mapSlot + nested(key, seen) + nested(each, seen)
    return sum
  }
  if (value instanceof Set) {
    let sum = objectHeader + 8 * word
    for (const each of value) sum += mapSlot + nested(each, seen)
    return sum
  }
  let sum = objectHeader
  // Property names are shared between objects of one shape: only the slots count.
  for (const each of Object.values(value)) sum += word + nested(each, seen)
  return sum
}

/** A part of a buffer holds on to all of it; but Node's pool, which small Buffers come from, belongs to none of them. */
function viewedBytes({ buffer, byteLength }: ArrayBufferView, seen: Set<object>): number {
  if (byteLength === buffer.byteLength || buffer.byteLength === poolBytes) return byteLength
  if (seen.has(buffer)) return 0
  seen.add(buffer)
  return buffer.byteLength
}

function nested(value: unknown, seen: Set<object>): number {
  if (typeof value === 'string') return stringBytes(value)
  if (typeof value === 'object' && value !== null) return objectBytes(value, seen)
  return scalarBytes(value)
}
