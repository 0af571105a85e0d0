import { isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { AllowPrivate } from './allow-private.ts'
import { Stop } from './fetched.ts'
import type { Resolve } from './resolve.ts'
import { checkAddresses, type Target } from './target.ts'

/** More addresses than this are not tried one after the other. */
const addressesTried = 8

interface ConnectOptions {
  readonly allow: AllowPrivate
  readonly resolve: Resolve
  readonly signal: AbortSignal
  /** Opens the socket. For tests. */
  readonly connector?: typeof buildConnector
}

/**
 * A connector for undici that resolves the host once, checks every address, and connects to those and no others: there is no second
 * look-up which could answer differently. The socket's own remote address is compared at the end, as a check of this very claim.
 * `signal` ends a connection that is still being made, which undici leaves to its own time limit.
 */
export function guardedConnect(
  target: Target,
  { allow, resolve, signal, connector = buildConnector }: ConnectOptions,
): buildConnector.connector {
  return (options, callback) => {
    const connect = (addresses: readonly string[]) => {
      const answers = addresses.slice(0, addressesTried).map((address) => ({ address, family: isIP(address) }))
      const [first = { address: '', family: 0 }] = answers
      // net.connect asks for all addresses where it may try both families; for an IP literal it does not ask at all.
      const lookup: LookupFunction = (_hostname, { all }, done) =>
        all ? done(null, answers) : done(null, first.address, first.family)
      // HTTP/1.1 alone: its limits on headers and its byte counts are the ones that were tested.
      const open = connector({ lookup, allowH2: false, timeout: 0 })
      const socket = open(options, (...result) => {
        signal.removeEventListener('abort', abandon)
        const [error, connected] = result
        if (error) return callback(error, null)
        const problem = problemWithRemote(connected.remoteAddress, addresses, target, allow)
        if (problem === undefined) return callback(null, connected)
        connected.destroy()
        callback(problem, null)
        // The declaration says void; the connector of undici returns its socket, and cancels by it.
      }) as unknown as Socket
      const abandon = () => socket.destroy(signal.reason)
      signal.addEventListener('abort', abandon, { once: true })
    }
    addressesOf(target, { allow, resolve })
      .then((addresses) => {
        signal.throwIfAborted()
        connect(addresses)
      })
      .catch((error: Error) => callback(error, null))
  }
}

function problemWithRemote(
  remote: string | undefined,
  addresses: readonly string[],
  target: Target,
  allow: AllowPrivate,
) {
  if (remote !== undefined && addresses.includes(remote)) return undefined
  try {
    checkAddresses(target, [remote ?? ''], allow)
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** A host's addresses, all of which are good. @throws Stop */
export async function addressesOf(target: Target, { allow, resolve }: { allow: AllowPrivate; resolve: Resolve }) {
  const { hostname } = target
  const addresses = isIP(hostname) === 0 ? await answersFor(hostname, resolve) : [hostname]
  checkAddresses(target, addresses, allow)
  return addresses
}

async function answersFor(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(hostname).catch(() => [])
  if (addresses.length > 0) return addresses
  throw new Stop('failed', 'dns', `The name ${hostname} has no address.`)
}
