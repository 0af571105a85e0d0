import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import { headerOf } from './header-of.ts'

/**
 * The caller's network address. X-Forwarded-For is anyone's to write, so only what our own proxies added at its end is
 * believed: with one proxy the last entry, with two the last but one. Undefined where there is no socket.
 */
export function addressOf(c: HonoContext, trustedProxies: number): string | undefined {
  if (trustedProxies > 0) {
    const forwarded = headerOf(c, 'x-forwarded-for')?.split(',') ?? []
    const entry = forwarded.at(-trustedProxies)?.trim()
    if (entry !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(entry)) return plainAddress(entry)
  }
  const { remoteAddress } = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket ?? {}
  return remoteAddress === undefined ? undefined : plainAddress(remoteAddress)
}

/** What counts as one caller: an IPv4 address, or an IPv6 network, of which a single host has 2^64 addresses. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const after = tail === undefined ? [] : tail.split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0')
  const network = [...groups, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

/** `::ffff:192.0.2.1` is 192.0.2.1. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
