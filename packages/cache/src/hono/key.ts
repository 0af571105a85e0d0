import { hash } from 'node:crypto'

/** What makes two requests the same. */
export interface KeyParts {
  /** `GET` for HEAD too. */
  readonly method: string
  /** Scheme, host and path, as asked for: one app may answer differently for each host. */
  readonly address: string
  /** Without the question mark. */
  readonly query: string
  /** `undefined` for answers that are the same for everyone. */
  readonly principal: string | undefined
  /** The values of the headers that the answer varies by, in a fixed order. */
  readonly varying: readonly (string | undefined)[]
  /** The body, where it is the query. */
  readonly body?: Uint8Array
  /** How to read the body. */
  readonly bodyType?: string | undefined
}

/** A key longer than this is replaced by its hash. */
const MAX_KEY_CHARACTERS = 256

/**
 * The cache key of a request. Its parts cannot run into each other: none of them can hold a line break, and the identity is
 * hashed whole, so that credentials which begin alike, of any length, never share a key.
 */
export function requestKey({ method, address, query, principal, varying, body, bodyType }: KeyParts): string {
  let key = `${method} ${address}\n${canonicalQuery(query)}\n${principal === undefined ? '' : digest(principal)}`
  if (varying.length > 0) key += `\n${JSON.stringify(varying)}`
  if (body !== undefined) key += `\n${JSON.stringify(bodyType ?? null)} ${digest(body)}`
  return key.length > MAX_KEY_CHARACTERS ? `hash ${digest(key)}` : key
}

/** Parameters sorted by name; those of one name keep their order, which may matter, however each of them is encoded. */
function canonicalQuery(query: string): string {
  if (!query.includes('&')) return query
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => ({ pair, name: nameOf(pair) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ pair }) => pair)
    .join('&')
}

function nameOf(pair: string): string {
  const name = pair.slice(0, pair.indexOf('=') >>> 0)
  if (!name.includes('%') && !name.includes('+')) return name
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

function digest(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url')
}
