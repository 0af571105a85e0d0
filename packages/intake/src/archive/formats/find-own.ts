import { posix } from 'node:path'
import type { Entry } from '../container/container.ts'
import type { Part, ReadContext } from '../read-context.ts'

/** The first of these files, looked for beside the part's own file: an archive may lie in a folder of its own. */
export function findOwn(part: Part, { entries }: ReadContext, names: readonly string[]): Entry | undefined {
  const folder = posix.dirname(part.entry.path)
  for (const name of names) {
    const entry = entries.get(posix.join(folder, name))
    if (entry !== undefined) return entry
  }
  return undefined
}
