import { serverUrlProblem } from '@extropy/db'

const folder = /^(file:(\/\/)?)?([./]|[a-z]:[\\/])/i

/**
 * The reason why the URL names no database; undefined where it names one. A mistyped server's URL must not become a folder
 * of that name, with an empty database in it.
 */
export function databaseUrlProblem(url: string): string | undefined {
  if (url === 'memory:' || (folder.test(url) && !url.includes('\0'))) return undefined
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (/^postgres(ql)?:\/\//.test(url)) {
    return serverUrlProblem(url)
  }
  if (scheme === 'postgres' || scheme === 'postgresql') return 'must begin with postgres://, in small letters'
  if (/^\s*\w+\s*=/.test(url)) return 'is a list of keywords: write it as postgres://user:password@host:port/database'
  if (/^[^/\s]*@|^[\w.-]+:\d+(\/|$)/.test(url)) return 'names a server without postgres:// in front of it'
  if (scheme !== undefined && url.startsWith('://', scheme.length)) return 'must be a PostgreSQL server: postgres://…'
  return 'must be postgres://…, memory:, or a folder that begins with / or ./'
}

/** Of a URL that has no problem. */
export function isEmbedded(url: string): boolean {
  return !/^postgres(ql)?:/.test(url)
}
