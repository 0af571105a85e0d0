/** Open to all hosts. */
const standardPorts: readonly number[] = [80, 443, 8080, 8443]

/** The entries of FETCH_ALLOW_PRIVATE: `nas.local`, `192.168.1.5:8080`, `[fd12::1]:3000`. */
export interface AllowPrivate {
  /** Whether this host may have a private address on this port. */
  address(hostname: string, port: number): boolean
  /** Whether this host may be asked on this port. */
  port(hostname: string, port: number): boolean
}

/** Exact entries: a host stands for the ports that are open to all, `host:port` for that port alone. Throws on one that cannot be read. */
export function createAllowPrivate(entries: readonly string[], extraPorts: readonly number[] = []): AllowPrivate {
  const allowed = new Set(
    entries.map((entry) => {
      const key = keyOf(entry)
      if (key === undefined) throw new TypeError(`FETCH_ALLOW_PRIVATE: ${allowPrivateProblem(entry)}`)
      return key
    }),
  )
  const open = new Set([...standardPorts, ...extraPorts])
  const withPort = (hostname: string, port: number) => allowed.has(`${hostname}:${port}`)
  return {
    address: (hostname, port) => withPort(hostname, port) || (allowed.has(hostname) && open.has(port)),
    port: (hostname, port) => withPort(hostname, port) || open.has(port),
  }
}

/** The fault in an entry of FETCH_ALLOW_PRIVATE, for the setting's schema. */
export function allowPrivateProblem(entry: string): string | undefined {
  if (keyOf(entry) !== undefined) return undefined
  return `«${entry}» must be a host or host:port, such as nas.local, 192.168.1.5:8080 or [fd12::1]:3000`
}

function keyOf(entry: string): string | undefined {
  if (/[/?#@\\\s*]/.test(entry)) return undefined
  // A URL leaves out its scheme's own port, and no port belongs to both schemes.
  const [http, https] = [URL.parse(`http://${entry}`), URL.parse(`https://${entry}`)]
  const hostname = http?.hostname.replace(/\.+$/, '')
  if (!http || !https || !hostname) return undefined
  const port = http.port || https.port
  return port === '' ? hostname : `${hostname}:${port}`
}
