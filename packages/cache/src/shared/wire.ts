import { deserialize, serialize } from 'node:v8'

/**
 * Raises with every change of the layout or of what instances tell each other. Stores keep it in their key names: instances of
 * two versions share nothing, invalidations neither, and must not run beside each other.
 */
export const wireVersion = 2

const raw = 0
const structured = 1
/** version u8, codec u8, then ttlMs and staleMs as little-endian f64. */
const headerBytes = 18

/** How long a value was to be used, counted from when it was read. Milliseconds. */
export interface Spans {
  readonly ttlMs: number
  readonly staleMs: number
}

export interface WireEntry extends Spans {
  readonly value: unknown
}

/**
 * Bytes stay bytes; everything else goes through the structured clone format (Map, Set, Date, BigInt, Buffer, undefined).
 * Throws for values that cannot be cloned: functions, symbols, live handles.
 */
export function encode({ value, ttlMs, staleMs }: WireEntry): Uint8Array {
  const isBytes = value instanceof Uint8Array
  const payload = isBytes ? value : serialize(value)
  const bytes = Buffer.allocUnsafe(headerBytes + payload.byteLength)
  bytes[0] = wireVersion
  bytes[1] = isBytes ? raw : structured
  bytes.writeDoubleLE(ttlMs, 2)
  bytes.writeDoubleLE(staleMs, 10)
  bytes.set(payload, headerBytes)
  return bytes
}

/** `undefined` for bytes that this version did not write: damaged, truncated or of another version. */
export function decode(bytes: Uint8Array): WireEntry | undefined {
  if (bytes.byteLength < headerBytes || bytes[0] !== wireVersion) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payload = view.subarray(headerBytes)
  try {
    const value: unknown = bytes[1] === raw ? Buffer.from(payload) : deserialize(payload)
    return { value, ttlMs: view.readDoubleLE(2), staleMs: view.readDoubleLE(10) }
  } catch {
    return undefined
  }
}

/** How long a store keeps it: fresh copies only. Stale ones are for the instances' own memory. */
export function keepMs({ ttlMs }: Spans): number {
  return Math.ceil(ttlMs)
}
