/**
 * The folders of packages/api/src may not import each other in circles. A file beside the folders counts as a folder of its own;
 * tests and `testing/` are left out.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

const root = join(import.meta.dirname, '../packages/api/src')

/** Arrows that run back up, each with its reason. */
const allowed: Readonly<Record<string, string>> = {
  'context.ts -> patterns': 'the context carries the threads that analyse contents',
  'context.ts -> search': 'the context carries the sampled recall of the vector index',
  'context.ts -> tokens': 'the context carries the queue of payments',
}

const arrows = readArrows()
const unused = Object.keys(allowed).filter((arrow) => !arrows.has(arrow))
const circles = findCircles([...arrows.keys()].filter((arrow) => !(arrow in allowed)))
for (const arrow of unused)
  process.stderr.write(`tooling/check-rooms.ts allows «${arrow}», which is not there any more\n`)
for (const arrow of circles) process.stderr.write(`${arrow} closes a circle of folders: ${arrows.get(arrow)}\n`)
if (circles.length + unused.length > 0) process.exitCode = 1

/** `folder -> folder` to one import that makes the arrow. */
function readArrows(): Map<string, string> {
  const arrows = new Map<string, string>()
  const files = globSync('**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|^testing\//.test(file))
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s+'(\.[^']+)'/g)) {
      const target = relative(root, normalize(join(root, dirname(file), specifier)))
      const [from, to] = [file.split('/')[0], target.split('/')[0]]
      if (from !== to) arrows.set(`${from} -> ${to}`, `${file} imports ${target}`)
    }
  }
  return arrows
}

/** The arrows whose head leads back to their tail. */
function findCircles(arrows: readonly string[]): string[] {
  const next = Map.groupBy(
    arrows.map((arrow) => arrow.split(' -> ') as [string, string]),
    ([from]) => from,
  )
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean => {
    if (from === goal) return true
    if (seen.has(from)) return false
    seen.add(from)
    return (next.get(from) ?? []).some(([, to]) => reaches(to, goal, seen))
  }
  return arrows.filter((arrow) => {
    const [from, to] = arrow.split(' -> ') as [string, string]
    return reaches(to, from)
  })
}
