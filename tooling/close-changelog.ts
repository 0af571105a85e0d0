/** After `pnpm version -r`: what CHANGELOG.md has under Unreleased is the release of the server's version, of today. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const file = join(root, 'CHANGELOG.md')
const { version } = JSON.parse(readFileSync(join(root, 'apps/server/package.json'), 'utf8')) as { version: string }
const text = readFileSync(file, 'utf8')
const heading = '## Unreleased\n'
if (!text.includes(heading) || text.includes(`\n## ${version} `)) {
  process.stderr.write(`CHANGELOG.md has no Unreleased part, or a release ${version} already.\n`)
  process.exitCode = 1
} else {
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(file, text.replace(heading, `${heading}\n## ${version} – ${today}\n`))
  process.stdout.write(`Commit, and tag the commit v${version}.\n`)
}
