import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { procedures } from '@extropy/api'

/**
 * Writes the client's types from the API's router: TypeScript's own declaration of `appRouter`, made to stand alone; and
 * the names of the procedures that stream.
 * With `--check` it writes nothing, and fails where the file differs from its output.
 */
const target = fileURLToPath(new URL('../src/generated/app-router.gen.ts', import.meta.url))
const errorShapeLabel = 'errorShape: '
const apiFolder = fileURLToPath(new URL('../../api/', import.meta.url))

const generated = standAlone(declareRouter())
if (!process.argv.includes('--check')) {
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, generated)
} else if (readFileSync(target, 'utf8') !== generated) {
  process.stderr.write('The client no longer matches the API: run `pnpm client:generate` and commit what it writes.\n')
  process.exitCode = 1
}

function declareRouter(): string {
  const outDir = mkdtempSync(join(tmpdir(), 'extropy-client-'))
  try {
    const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src', '--outDir', outDir]
    execFileSync('tsc', ['--project', 'tsconfig.json', '--noCheck', ...emit], { cwd: apiFolder, stdio: 'inherit' })
    return readFileSync(join(outDir, 'app-router.d.ts'), 'utf8')
  } finally {
    rmSync(outDir, { recursive: true })
  }
}

function standAlone(declaration: string): string {
  const names = new Set<string>()
  const imported = (text: string) =>
    text.replaceAll(/import\("@trpc\/server"\)\.(\w+)/g, (_, name: string) => {
      names.add(name)
      return name
    })
  const router = declaration
    .slice(declaration.indexOf('import("@trpc/server")'), declaration.lastIndexOf(';\nexport type AppRouter'))
    .replaceAll(/import\("\.\/(context|trpc)\.ts"\)\.(Context|Meta)/g, 'object')
  const errorShape = unindent(imported(blockAfter(router, errorShapeLabel)))
  const body = withSummaries(imported(collapseErrorShapes(router)))
  const streamed = [...procedures.values()].filter(({ meta }) => meta.streams).map(({ path }) => path)

  const foreign = /import\("[^"]+"\)/.exec(body + errorShape)
  if (foreign) throw new Error(`The router's type needs ${foreign[0]}, which the client must not know: spell it out.`)
  return `// Written by \`pnpm client:generate\` from the API's router. Do not edit.
import type { ${[...names].sort().join(', ')} } from '@trpc/server'

/** The data of every error, whichever procedure it came from. */
export type ErrorShape = ${errorShape}

/** Procedures that answer piece by piece: an async iterable in place of a value. */
export const streamedProcedures: ReadonlySet<string> = new Set([${streamed.map((path) => `'${path}'`).join(', ')}])

export type AppRouter = ${body}
`
}

function collapseErrorShapes(router: string): string {
  let collapsed = router
  while (collapsed.includes(`${errorShapeLabel}{`)) {
    collapsed = collapsed.replace(errorShapeLabel + blockAfter(collapsed, errorShapeLabel), 'errorShape: ErrorShape')
  }
  return collapsed
}

/** The braces' block that follows the first `label` that has one. */
function blockAfter(text: string, label: string): string {
  const start = text.indexOf(`${label}{`) + label.length
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(start, at + 1)
  }
  throw new Error(`no block after «${label}» in the router's declaration`)
}

/** Puts each procedure's summary above it, for the editor to show. */
function withSummaries(body: string): string {
  let documented = body
  for (const { path, meta } of procedures.values()) {
    const [feature, name] = path.split('.')
    const at = documented.indexOf(`        ${name}: `, documented.indexOf(`    ${feature}: `))
    documented = `${documented.slice(0, at)}        /** ${meta.summary} */\n${documented.slice(at)}`
  }
  return documented
}

function unindent(block: string): string {
  return block.replaceAll(/^ {4}/gm, '')
}
