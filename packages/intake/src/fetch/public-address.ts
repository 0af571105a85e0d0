import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
const azure = '168.63.129.16'
/** Metadata and platform services of clouds, by address; those within link-local are found by their range. */
const metadata: ReadonlySet<string> = new Set([azure, '100.100.100.200', '192.0.0.192', 'fd00:ec2::254'])

/**
 * Whether an IP address is one of the public internet. Anything that is not an address is not.
 *
 * ipaddr.js knows the ranges. Two gaps of its `unicast` are closed here: ::/96 with an IPv4 address in its end (and whatever else
 * lies outside 2000::/3, the only part of IPv6 in use), and 168.63.129.16, a public address that answers inside Azure only.
 * NAT64, 6to4 and Teredo are refused whole: the IPv4 address in them is somebody's to choose.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' ? parsed.toString() !== azure : parsed.match(globalUnicast)
}

/** Link-local addresses and cloud metadata: no name leads there with good intent, not even one that is allowed at home. */
export function isMetadataAddress(address: string): boolean {
  const parsed = parse(address)
  return parsed?.range() === 'linkLocal' || metadata.has(parsed?.toString() ?? '')
}

/** IPv4 in IPv6 (::ffff:…) becomes IPv4. Only the usual spelling of IPv4 is read; URL has made it of the others already. */
function parse(address: string) {
  return isIP(address) === 0 ? undefined : ipaddr.process(address)
}
