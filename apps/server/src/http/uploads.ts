import { procedures } from '@extropy/api'

const routes: ReadonlySet<string> = new Set(
  [...procedures.values()]
    .filter(({ meta }) => meta.receives !== undefined)
    .flatMap(({ routes }) => routes.map(({ method, path }) => `${method} ${path}`)),
)

/** Whether a request's body is a file, which is streamed and not kept in memory. */
export function isUpload(method: string | undefined, path: string): boolean {
  return routes.has(`${method} ${path}`)
}
