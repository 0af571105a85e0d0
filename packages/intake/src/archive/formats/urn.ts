import { createHash } from 'node:crypto'

const maxLength = 1000

/** A stable name for what has no address: `urn:extropy:file:posts/2024-moss.md`. */
export function urn(...parts: readonly [kind: string, ...names: string[]]): string {
  const name = `urn:extropy:${parts.map((part) => encodeURIComponent(part).replaceAll('%2F', '/')).join(':')}`
  if (name.length <= maxLength) return name
  return `urn:extropy:${parts[0]}:${createHash('sha256').update(name).digest('hex')}`
}

/** An http address, or undefined. */
export function webUrl(text: unknown, base?: string): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined
  const url = URL.parse(text.trim(), base)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  return url.href
}

const mailAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** A name that may be shown: an address for mail is none. */
export function authorOf(
  username: unknown,
  displayName?: unknown,
): { username: string; displayName?: string } | undefined {
  const name = shown(displayName)
  const handle = shown(username) ?? name
  if (handle === undefined) return undefined
  return name === undefined || name === handle ? { username: handle } : { username: handle, displayName: name }
}

function shown(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined
  const text = name.trim()
  return text === '' || mailAddress.test(text) ? undefined : text
}
