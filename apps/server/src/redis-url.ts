const oneServer =
  'must lead to one server: give the address of the primary behind a proxy or a managed endpoint that follows the failover'

/** The reason why the URL names no Redis that servers can share (decision 12); undefined where it names one. */
export function redisUrlProblem(url: string): string | undefined {
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  if (/sentinel/.test(scheme) || /[?&](sentinel|sentinelMasterId|master_?name)/i.test(url))
    return `${oneServer}, not Sentinels`
  if (/cluster/.test(scheme))
    return 'must lead to one server: Redis Cluster splits what has to change in one step; use a Redis without Cluster'
  if (!/^rediss?:\/\//i.test(url)) return 'must be redis://… or rediss://…'
  const host = /^rediss?:\/\/(?:[^/]*@)?([^/?#]*)/.exec(url)?.[1] ?? ''
  if (host.includes(',')) return `${oneServer}, not a list`
  const { pathname, username, password } = URL.parse(url) ?? {}
  if (pathname === undefined || !isEncoded(`${username}${password}`))
    return 'cannot be read: it must be redis://user:password@host:6379/0, with characters such as # / ? @ % in the password percent-encoded'
  if (!/^\/?\d*$/.test(pathname)) return 'must end with its host, or with the number of a database there, such as /0'
  return undefined
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
