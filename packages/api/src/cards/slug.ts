import { randomInt } from 'node:crypto'

const maxLength = 80

/** `Why Entropy, again?` to `why-entropy-again`; `card` where a title has nothing that an address could show. */
export function slugOf(title: string): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\ufffd/g, '')
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'card' : slug
}

/** For a slug that is taken: 31 bits, so that the second attempt is the last one. */
export function withSuffix(slug: string): string {
  return `${slug}-${randomInt(2 ** 31).toString(36)}`
}
