import { createHash } from 'node:crypto'

/** The same for texts of the same words: whatever their case, marks, spaces and composition. SHA-256 in hexadecimal. */
export function textHash(text: string): string {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  return createHash('sha256').update(words.join(' ')).digest('hex')
}
