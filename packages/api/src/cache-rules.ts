/** The operator's rules for the cache. */
export interface CacheSettings {
  /** For answers that no rule matches. */
  readonly defaultTtlSeconds: number
  /** Path prefix to seconds; 0: not kept. */
  readonly rules: Readonly<Record<string, number>>
  /** Path prefixes whose answers are never kept. */
  readonly exclude: readonly string[]
  /** Whether parameters that a route does not know are refused (`on`) or ignored. */
  readonly queryParams: 'on' | 'off'
}

export const defaultCacheSettings: CacheSettings = {
  defaultTtlSeconds: 300,
  rules: {
    '/query/rag': 60,
    '/scrape': 300,
    '/api/cards': 120,
    '/api/users': 180,
    '/api/attributions': 120,
    '/api/tokens': 60,
  },
  exclude: [],
  queryParams: 'on',
}

interface MaybeKept {
  readonly path: string
  readonly type: string
  readonly meta: { readonly streams?: unknown }
  readonly routes: readonly { readonly path: string }[]
}

export interface CacheRules {
  readonly settings: CacheSettings
  /** How long a procedure's answers are kept; 0: not at all. Milliseconds. */
  ttlMsOf(procedure: MaybeKept): number
}

/** Whatever the settings say: each answer is of its own moment. */
const neverKept = ['/health', '/api/jobs', '/api/imports']

export function createCacheRules(given: CacheSettings = defaultCacheSettings): CacheRules {
  const settings = { ...given, exclude: [...new Set([...neverKept, ...given.exclude])] }
  const prefixes = Object.keys(settings.rules).sort((a, b) => b.length - a.length)
  const secondsOf = (path: string): number => {
    if (settings.exclude.some((prefix) => isBelow(path, prefix))) return 0
    const longest = prefixes.find((prefix) => isBelow(path, prefix))
    return longest === undefined ? settings.defaultTtlSeconds : (settings.rules[longest] ?? 0)
  }
  const known = new Map<string, number>()
  return {
    settings,
    ttlMsOf(procedure) {
      const ttlMs = known.get(procedure.path) ?? ttlMsBy(secondsOf, procedure)
      known.set(procedure.path, ttlMs)
      return ttlMs
    },
  }
}

/** The time of the procedure's shortest-lived route; a procedure without a route is not kept. */
function ttlMsBy(secondsOf: (path: string) => number, { type, meta, routes }: MaybeKept): number {
  if (type !== 'query' || meta.streams !== undefined || routes.length === 0) return 0
  return 1000 * Math.min(...routes.map(({ path }) => secondsOf(path)))
}

/** `/api/cards` covers itself and `/api/cards/{id}`, but not `/api/cardsharps`. */
export function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}
