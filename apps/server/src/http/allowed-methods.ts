import { procedures } from '@extropy/api'

interface Route {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** The methods that a path takes, for 405 and its `Allow`; none where there is no such path. */
export function createAllowedMethods(others: Readonly<Record<string, string>>): (path: string) => readonly string[] {
  const known = new Map<string, Route>()
  const add = (template: string, method: string) => {
    const pattern = new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
    const route = known.get(template) ?? { pattern, methods: new Set() }
    known.set(template, route)
    route.methods.add(method)
    if (method === 'GET') route.methods.add('HEAD')
  }
  for (const { routes } of procedures.values()) for (const { method, path } of routes) add(path, method)
  for (const [path, method] of Object.entries(others)) add(path, method)
  return (path) => {
    const fitting = [...known.values()].filter(({ pattern }) => pattern.test(path))
    return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort()
  }
}
