export interface PathRule {
  readonly prefix: string
  readonly ttlMs: number
}

/** True where `path` is `prefix` or lies below it. `/api/cards` covers `/api/cards/1`, but not `/api/cardsharps`. */
function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  return path.length === prefix.length || prefix.endsWith('/') || path.charCodeAt(prefix.length) === 47
}

/** Finds the rule with the longest prefix of a path. Excluded paths have a TTL of 0. */
export function createPathRules(
  paths: Readonly<Record<string, number>>,
  ttlMs: number,
  exclude: readonly string[],
): (path: string) => PathRule {
  const rules = Object.entries(paths)
    .map(([prefix, each]) => ({ prefix, ttlMs: each }))
    .sort((a, b) => b.prefix.length - a.prefix.length)
  const others = { prefix: '*', ttlMs }
  const excluded = { prefix: '*', ttlMs: 0 }
  return (path) => {
    return exclude.some((prefix) => isBelow(path, prefix))
      ? excluded
      : (rules.find(({ prefix }) => isBelow(path, prefix)) ?? others)
  }
}
