/** `pnpm --filter @extropy/web build`: builds the app where its sources have changed since. */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'vite'
import { filesOfPages, type Manifest } from './files-of-pages.ts'
import { builds, freshBuild, root } from './fresh-build.ts'

const { folder, isStale } = freshBuild()
if (folder !== undefined && isStale) {
  // Two servers may start at once: each builds for itself, and the first one's result stays.
  const unfinished = `.unfinished-${process.pid}`
  const outDir = join(builds, unfinished)
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  })
  const manifest = join(outDir, 'manifest.json')
  const index = await readFile(join(outDir, 'index.html'), 'utf8')
  const pages = filesOfPages(JSON.parse(await readFile(manifest, 'utf8')) as Manifest, index)
  await writeFile(join(outDir, 'pages.json'), JSON.stringify(pages))
  await rm(manifest)
  await rename(outDir, folder).catch(() => rm(outDir, { recursive: true }))
  const others = (await readdir(builds)).filter((name) => name !== basename(folder) && !name.startsWith('.unfinished'))
  await Promise.all(others.map((name) => rm(join(builds, name), { recursive: true, force: true })))
}
