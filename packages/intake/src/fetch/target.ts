import { isIP } from 'node:net'
import type { AllowPrivate } from './allow-private.ts'
import { Stop } from './fetched.ts'
import { isMetadataAddress, isPublicAddress } from './public-address.ts'

/** An address that may be asked, as far as its text tells. */
export interface Target {
  /** Without fragment, and without dots at the end of its host. */
  readonly url: URL
  /** The host; an IPv6 address without its brackets. */
  readonly hostname: string
  readonly port: number
}

const tooLong = 8192

/**
 * Checks what the text of an address tells, and throws a `Stop` for what may not be asked. The names' addresses are looked at when
 * a connection is made (`guarded-connect.ts`). WHATWG's URL has folded odd spellings by then: 0x7f.1, 0177.1, 2130706433,
 * full-width digits and dots are all 127.0.0.1.
 */
export function checkTarget(address: string | URL, allow: AllowPrivate): Target {
  const url = URL.parse(address)
  if (!url || url.href.length > tooLong) {
    throw new Stop('refused', 'bad-url', `This is not a web address that can be asked: ${shown(String(address))}.`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Stop('refused', 'bad-scheme', `Only http and https are fetched, not ${shown(url.protocol)}`)
  }
  if (url.username || url.password) {
    throw new Stop('refused', 'userinfo', `An address with a user name or a password in it is not fetched.`)
  }
  url.hash = ''
  const bare = url.hostname.replace(/\.+$/, '')
  if (bare === '') throw new Stop('refused', 'bad-url', 'The address has no host.')
  if (bare !== url.hostname) url.hostname = bare
  const schemePort = url.protocol === 'https:' ? 443 : 80
  const port = url.port === '' ? schemePort : Number(url.port)
  if (!allow.port(url.hostname, port)) {
    throw new Stop('refused', 'bad-port', `Port ${port} is not one of those that are fetched.`)
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(hostname) !== 0) checkAddresses({ url, hostname, port }, [hostname], allow)
  else if (isLocalName(hostname) && !allow.address(url.hostname, port)) throw privateAddress(hostname)
  return { url, hostname, port }
}

/** All addresses of a host must be good: an answer that mixes public and private ones is rebinding's sign. */
export function checkAddresses(target: Target, addresses: readonly string[], allow: AllowPrivate): void {
  const { url, hostname, port } = target
  const isGood = allow.address(url.hostname, port)
    ? (address: string) => isIP(hostname) !== 0 || (isIP(address) !== 0 && !isMetadataAddress(address))
    : isPublicAddress
  if (!addresses.every(isGood)) throw privateAddress(hostname)
}

function privateAddress(hostname: string): Stop {
  return new Stop(
    'refused',
    'private-address',
    `${shown(hostname)} is not on the public internet; FETCH_ALLOW_PRIVATE can allow a host at home.`,
  )
}

/** Names that mean this machine or its cloud, whatever a resolver says. */
function isLocalName(hostname: string): boolean {
  return /(^|\.)(localhost|localdomain|metadata\.google\.internal)$/.test(hostname)
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
