import type { IncomingMessage } from 'node:http'
import { remembered } from './remembered.ts'

/**
 * Why a request's Host or path cannot be relied on; undefined where they can. The application works on a URL made of both,
 * so a Host with a path in it would choose the path, and one that is no host would be no URL. Afterwards the Host is as a URL
 * has it: `127.1` is `127.0.0.1`.
 */
export function checkTarget(req: IncomingMessage): string | undefined {
  const { headers, rawHeaders, httpVersion, url = '' } = req
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  // RFC 9112 3.2: one, but for HTTP/1.0, which has none to send.
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return 'must have one Host header'
  if (headers.host) {
    const host = hostInUrl(headers.host)
    if (host === undefined) return 'must have a Host header of a name or an address, and a port where needed'
    headers.host = host
  }
  // A proxy with rules for paths may have read another path than the one that the dots lead to.
  const dots = url.search(dotSegment)
  return dots === -1 || url.slice(0, dots).includes('?') ? undefined : 'must have a path without . and ..'
}

const dotSegment = /\/(?:\.|%2e){1,2}(?:[/?#]|$)/i
const namePattern = /^(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

const hostInUrl = remembered((host) => (namePattern.test(host) ? URL.parse(`http://${host}`)?.host : undefined))
