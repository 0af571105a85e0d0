import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './fresh-build.ts'

/** A build's own account of its chunks, by source file. */
export type Manifest = Readonly<Record<string, { readonly file: string; readonly imports?: readonly string[] }>>

/** What several pages load as soon as they run, and show with their first text. */
const soon: Readonly<Record<string, readonly string[]>> = {
  'src/features/read/read.page.tsx': ['src/features/read/rendered-markdown.tsx'],
  'src/features/cards/card.page.tsx': ['src/features/read/rendered-markdown.tsx'],
}

/**
 * By the path of each page's route: the scripts that it needs beside those that `index` names. The server names them in the page's head, so that they
 * are on their way before the app knows which page it is. `router.tsx` stays the only list of pages.
 */
export function filesOfPages(manifest: Manifest, index: string): Record<string, readonly string[]> {
  const router = readFileSync(join(root, 'src/router.tsx'), 'utf8')
  const routes = [
    ...router.matchAll(/path: '([^']+)',\s+component: lazyRouteComponent\(\(\) => import\('\.\/([^']+)'\)/g),
  ]
  return Object.fromEntries(
    routes.map(([, path = '', page = '']) => {
      const sources = [`src/${page}`, ...(soon[`src/${page}`] ?? [])]
      const files = new Set(sources.flatMap((name) => filesOf(manifest, name)))
      return [path, [...files].filter((file) => !index.includes(file)).map((file) => `/${file}`)]
    }),
  )
}

/** Of a chunk and of all that it imports at once. @throws Error where it is not in the build */
function filesOf(manifest: Manifest, name: string): string[] {
  const chunk = manifest[name]
  if (chunk === undefined) throw new Error(`${name} is no chunk of the build`)
  return [chunk.file, ...(chunk.imports ?? []).flatMap((each) => filesOf(manifest, each))]
}
