import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import { headerOf } from './header-of.ts'

/** The caller's network address; undefined where there is no socket. */
export function addressOf(c: HonoContext, trustedProxies: number): string | undefined {
  const { remoteAddress } = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket ?? {}
  return callerAddress(remoteAddress, headerOf(c, 'x-forwarded-for'), trustedProxies)
}

/**
 * Anyone can write X-Forwarded-For, so only the entries that our own proxies added at its end are trusted: with one proxy the
 * last entry, with two the last but one. An entry that is no address counts as its proxy's.
 */
export function callerAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string | undefined {
  const entry = trustedProxies > 0 ? forwardedFor?.split(',').at(-trustedProxies) : undefined
  const address = (entry === undefined ? undefined : addressIn(entry)) ?? remoteAddress
  return address === undefined ? undefined : plainAddress(address)
}

/** Proxies write `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`, and quote any of them. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim()
  const plain = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
  if (isIP(plain) !== 0) return plain
  const [, v6, v4] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(plain) ?? []
  const address = v6 ?? v4 ?? ''
  return isIP(address) === 0 ? undefined : address
}

/** The network that counts as one caller: an IPv4 address, or an IPv6 /64, of which one host has 2^64 addresses. */
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
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
