import { hash, randomBytes } from 'node:crypto'

const keyStart = 'extro_live_'
/** 48 random bytes are 64 characters of base64url. */
const keyPattern = /^extro_live_[A-Za-z0-9_-]{64}$/
/** The part of a key that its owner sees afterwards: enough to tell keys apart, useless to guess from. */
const prefixLength = keyStart.length + 6

export interface NewApiKey {
  /** Shown once, stored nowhere. */
  readonly key: string
  readonly prefix: string
  readonly keyHash: Buffer
}

export function createApiKey(): NewApiKey {
  const key = keyStart + randomBytes(48).toString('base64url')
  return { key, prefix: key.slice(0, prefixLength), keyHash: hashApiKey(key) }
}

/** A fast hash is enough: 384 random bits are not guessed, however cheap a guess is. */
export function hashApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

/** The key of an `Authorization` header: undefined without a header, null where the header holds no key of ours. */
export function readBearer(header: string | undefined): string | null | undefined {
  if (header === undefined) return undefined
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(header.trim()) ?? []
  return keyPattern.test(key) ? key : null
}
