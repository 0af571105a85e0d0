import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** One folder a build, named by what it was built from. */
export const builds = join(root, 'dist')

/** The program that makes the build of the sources as they are now. */
export const buildProgram = join(import.meta.dirname, 'build.ts')

/** Where the build of the sources as they are now is, or will be; the one that was shipped where there are no sources. */
export function freshBuild(): { folder: string | undefined; isStale: boolean } {
  if (!existsSync(join(root, 'src'))) return { folder: shipped(), isStale: false }
  const folder = join(builds, hashOfSources())
  return { folder, isStale: !existsSync(join(folder, 'index.html')) }
}

function shipped(): string | undefined {
  const [name] = existsSync(builds) ? readdirSync(builds) : []
  return name === undefined ? undefined : join(builds, name)
}

/** Of everything that the build is made from; the lock file stands for the packages. */
function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const [folder, patterns] of Object.entries({
    [root]: ['index.html', 'vite.config.ts', 'public/**', 'src/**', 'scripts/**'],
    [join(root, '../../packages/client/src')]: ['**'],
    [join(root, '../..')]: ['pnpm-lock.yaml'],
  })) {
    const files = globSync(patterns, { cwd: folder, exclude: ['**/*.test.ts'], withFileTypes: true })
    const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    for (const path of paths.sort()) {
      hash.update(path.slice(folder.length).replaceAll(sep, '/'))
      hash.update(readFileSync(path))
    }
  }
  return hash.digest('hex').slice(0, 16)
}
