/** `postgres://user:password@a:5432,b:5433/database?options`, in its parts. */
const form = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?#]*)([^?#]*)(\?.*)?$/

/** The values of `target_session_attrs` that name the server that takes writes. */
const namesPrimary: ReadonlySet<string> = new Set(['read-write', 'primary'])

export interface NamedServers {
  /** A URL for each server, in their order. */
  readonly urls: readonly [string, ...string[]]
  /** Whether the one that takes writes must be looked for: there are several, or `target_session_attrs` asks for it. */
  readonly areCandidates: boolean
}

/** Takes a URL apart that may name several servers, as libpq's may: Node's own URL does not read them. */
export function namedServers(url: string): NamedServers {
  const [, start = '', hosts = '', path = '', search = ''] = form.exec(url) ?? []
  const parameters = new URLSearchParams(search)
  const isAsked = parameters.has('target_session_attrs')
  const own = hosts.split(',')
  if (!isAsked && own.length === 1) return { urls: [url], areCandidates: false }
  parameters.delete('target_session_attrs')
  // A space as %20: libpq knows no plus signs.
  const rest = parameters.size === 0 ? path : `${path}?${parameters.toString().replaceAll('+', '%20')}`
  const [first = '', ...others] = own.map((host) => `${start}${host}${rest}`)
  return { urls: [first, ...others], areCandidates: true }
}

const listOfServers = 'postgres://user:password@a:5432,b:5432/database'

/** The reason why the URL names no servers; undefined where it does. */
export function serverUrlProblem(url: string): string | undefined {
  if (!form.test(url)) return 'cannot be read: percent-encode characters such as # / ? @ in its password'
  const [, , hosts = '', path = '', search = ''] = form.exec(url) ?? []
  const parameters = new URLSearchParams(search)
  const wanted = parameters.get('target_session_attrs')
  if (wanted !== null && !namesPrimary.has(wanted)) {
    return 'must have target_session_attrs=read-write or primary, or none: the server writes, and looks for replicas in DATABASE_REPLICA_URLS'
  }
  if (path.includes(',')) return `must name its database once, behind all servers: ${listOfServers}`
  // Of libpq's other form, pg would take a name that nobody has; beside several hosts, each of them would lead to the same place.
  const [host, port] = [parameters.get('host') ?? '', parameters.get('port') ?? '']
  const isList = hosts.includes(',')
  if (`${host}${port}`.includes(',') || (isList && (host || port) !== ''))
    return `must name several servers in front of the database: ${listOfServers}`
  if (!/^\d{0,5}$/.test(port)) return 'cannot be read: its port must be a number'
  const { urls } = namedServers(url)
  // Alone, one may be named by a socket's folder: postgres:///database?host=/run/postgresql
  const isNamed = (each: string) => URL.canParse(each) && (urls.length === 1 || URL.parse(each)?.host !== '')
  if (urls.every(isNamed)) return undefined
  return 'cannot be read: each server must be host or host:port, with commas between, and # / ? @ in the password percent-encoded'
}

/** `host:port`: for people, without user and password. */
export function serverName(url: string): string {
  const { hostname = '', port = '' } = URL.parse(url) ?? {}
  return `${hostname}:${port || '5432'}`
}
