import { deserialize, serialize } from 'node:v8'

/** Raises with every change of the layout. Stores keep it in their key names, so that two versions never read each other's entries. */
export const WIRE_VERSION = 1

const RAW = 0
const STRUCTURED = 1
/** version u8, codec u8, then ttlMs, staleMs, graceMs as little-endian f64. */
const HEADER_BYTES = 26

/** How long a value was to be used, counted from when it was read. Milliseconds. */
export interface Spans {
  readonly ttlMs: number
  readonly staleMs: number
  readonly graceMs: number
}

export interface WireEntry extends Spans {
  readonly value: unknown
}

/**
 * Bytes stay bytes; everything else goes through the structured clone format (Map, Set, Date, BigInt, Buffer, undefined).
 * Throws for what cannot be cloned: functions, symbols, live handles.
 */
export function encode({ value, ttlMs, staleMs, graceMs }: WireEntry): Uint8Array {
  const raw = value instanceof Uint8Array
  const payload = raw ? value : serialize(value)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength)
  bytes[0] = WIRE_VERSION
  bytes[1] = raw ? RAW : STRUCTURED
  bytes.writeDoubleLE(ttlMs, 2)
  bytes.writeDoubleLE(staleMs, 10)
  bytes.writeDoubleLE(graceMs, 18)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

/** `undefined` for what this version did not write: damaged, truncated or of another version. */
export function decode(bytes: Uint8Array): WireEntry | undefined {
  if (bytes.byteLength < HEADER_BYTES || bytes[0] !== WIRE_VERSION) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payload = view.subarray(HEADER_BYTES)
  try {
    const value: unknown = bytes[1] === RAW ? Buffer.from(payload) : deserialize(payload)
    return { value, ttlMs: view.readDoubleLE(2), staleMs: view.readDoubleLE(10), graceMs: view.readDoubleLE(18) }
  } catch {
    return undefined
  }
}

/** How long a store keeps it: fresh copies only. Stale ones are for the instances' own memory. */
export function keepMs({ ttlMs }: Spans): number {
  return Math.ceil(ttlMs)
}
