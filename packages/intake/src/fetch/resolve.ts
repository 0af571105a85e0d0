import { lookup, Resolver } from 'node:dns/promises'

/** All addresses of a name. Injectable: tests give answers that change, a deployment may have a resolver of its own. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** Names that DNS is not asked for: /etc/hosts, mDNS and a cluster's search list know them. */
const localName = /^[^.]+$|\.(local|localhost|localdomain|lan|home|internal|home\.arpa|test)$/

/** Answers that mean "not here", so that the system may know more: no such name, no such record, no server to ask. */
const notHere = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'])

/**
 * DNS by c-ares, and the system's own look-up for what that does not know. The system's alone would do, but it works in libuv's four
 * threads, which files, zlib and cryptography use too: four names whose servers keep silent would hold up everything for seconds.
 */
export function createResolve({
  servers,
  timeoutMs = 3000,
}: {
  servers?: readonly string[]
  timeoutMs?: number
} = {}): Resolve {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
  if (servers) resolver.setServers(servers)
  return async (hostname) => {
    if (localName.test(hostname)) return resolveBySystem(hostname)
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length > 0) return addresses
    const codes = answers.map((answer) => answer.status === 'rejected' && (answer.reason as NodeJS.ErrnoException).code)
    return codes.every((code) => code && notHere.has(code)) ? resolveBySystem(hostname) : []
  }
}

async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  const answers = await lookup(hostname, { all: true })
  return answers.map(({ address }) => address)
}
