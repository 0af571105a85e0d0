import { createHash } from 'node:crypto'

/** The ground of an answer's sentence: a piece of a content's text, or another of its fields. */
export const receiptParts = ['text', 'publishedAt', 'author'] as const
export type ReceiptPart = (typeof receiptParts)[number]

/** The content of a receipt's id: enough to look its source up and to see whether that is still the same. */
export interface ReceiptClaim {
  readonly contentId: string
  /** Its passage has it. */
  readonly ordinal: number
  readonly part: ReceiptPart
  /** UTF-16 units of the content's text: from `start`, up to but without `end`; 0 and 0 for another field. */
  readonly start: number
  readonly end: number
  /** Milliseconds since 1970. */
  readonly readAt: number
  /** Fingerprints of the content's hash and of what stood at the place. */
  readonly contentPrint: string
  readonly sourcePrint: string
}

const version = 1
const printBytes = 16
const length = 1 + 16 + 1 + 3 * 4 + 6 + 2 * printBytes
const latest = 8_640_000_000_000_000

/** 128 bits of sha-256, as hex: what changed by itself does not meet it by chance. */
export function fingerprint(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * printBytes)
}

export function encodeReceiptId(claim: ReceiptClaim): string {
  const bytes = Buffer.alloc(length)
  bytes.writeUInt8(version, 0)
  bytes.write(claim.contentId.replaceAll('-', ''), 1, 'hex')
  bytes.writeUInt8(receiptParts.indexOf(claim.part), 17)
  bytes.writeUInt32BE(claim.ordinal, 18)
  bytes.writeUInt32BE(claim.start, 22)
  bytes.writeUInt32BE(claim.end, 26)
  bytes.writeUIntBE(claim.readAt, 30, 6)
  bytes.write(claim.contentPrint, 36, 'hex')
  bytes.write(claim.sourcePrint, 36 + printBytes, 'hex')
  return bytes.toString('base64url')
}

/** Undefined where it is no receipt's id, such as one that was cut. */
export function decodeReceiptId(id: string): ReceiptClaim | undefined {
  const bytes = Buffer.from(id, 'base64url')
  const part = receiptParts[bytes.length === length ? bytes.readUInt8(17) : -1]
  if (part === undefined || bytes.readUInt8(0) !== version || bytes.toString('base64url') !== id) return undefined
  const [start, end, readAt] = [bytes.readUInt32BE(22), bytes.readUInt32BE(26), bytes.readUIntBE(30, 6)]
  if (start > end || readAt > latest) return undefined
  return {
    contentId: bytes.toString('hex', 1, 17).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    ordinal: bytes.readUInt32BE(18),
    part,
    start,
    end,
    readAt,
    contentPrint: bytes.toString('hex', 36, 36 + printBytes),
    sourcePrint: bytes.toString('hex', 36 + printBytes),
  }
}
