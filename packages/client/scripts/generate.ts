import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { procedures } from '@extropy/api'
import { z } from 'zod'

/**
 * Writes the client's types from the API's router: TypeScript's own declaration of `appRouter`, made to stand alone; and
 * the names of the procedures that stream.
 * With `--check` it writes nothing, and fails where the file differs from its output.
 */
const target = fileURLToPath(new URL('../src/generated/app-router.gen.ts', import.meta.url))
const errorShapeLabel = 'errorShape: '
const apiFolder = fileURLToPath(new URL('../../api/', import.meta.url))

/** Schemas with a name of their own, by the reference to them. */
const shared = new Map<string, Schema>()

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
    // In several threads the members of a union come now in one order, now in another.
    const emit = [
      '--singleThreaded',
      '--noEmit',
      'false',
      '--declaration',
      '--emitDeclarationOnly',
      '--rootDir',
      'src',
      '--outDir',
      outDir,
    ]
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
  const body = withDocs(imported(collapseErrorShapes(router)))
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

/** Puts each procedure's summary above it, and each field's description above the field, for the editor to show. */
function withDocs(body: string): string {
  let documented = body
  for (const { path, meta, input, output } of procedures.values()) {
    const [feature, name] = path.split('.')
    const start = documented.indexOf(`        ${name}: `, documented.indexOf(`    ${feature}: `))
    const end = documented.indexOf('\n        }>;', start)
    const schemas = { input: schemaOf(input, 'input'), output: schemaOf(meta.streams ?? output, 'output') }
    const procedure = withFieldDocs(documented.slice(start, end), schemas)
    documented = `${documented.slice(0, start)}        /** ${meta.summary} */\n${procedure}${documented.slice(end)}`
  }
  return documented
}

interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

function schemaOf(type: z.ZodType | undefined, io: 'input' | 'output'): Schema | undefined {
  const schema = type && (z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Schema)
  for (const [name, part] of Object.entries(schema?.$defs ?? {})) shared.set(`#/$defs/${name}`, part)
  return schema
}

/** Each line of a declaration that opens or names a field, with the schema that its indentation says it belongs to. */
function withFieldDocs(procedure: string, schemas: Readonly<Record<string, Schema | undefined>>): string {
  const open: { readonly indent: number; readonly schema: Schema | undefined }[] = []
  const lines = procedure.split('\n').flatMap((line) => {
    const [, space = '', field] = /^( *)(?:readonly )?(\w+)\??: /.exec(line) ?? []
    if (field === undefined) return [line]
    while ((open.at(-1)?.indent ?? -1) >= space.length) open.pop()
    const parent = open.at(-1)
    const schema = space.length === 12 ? schemas[field] : propertyOf(parent?.schema, field)
    open.push({ indent: space.length, schema })
    const doc = space.length === 12 ? undefined : schema?.description
    return doc === undefined ? [line] : [`${space}/** ${doc.replaceAll('*/', '* /')} */`, line]
  })
  return lines.join('\n')
}

/** Through lists and alternatives, as the declaration nests them too. */
function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema === undefined) return undefined
  if (schema.$ref !== undefined) return propertyOf(shared.get(schema.$ref), name)
  const found = schema.properties?.[name]
  if (found !== undefined) return found
  for (const inner of [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    const property = propertyOf(inner, name)
    if (property !== undefined) return property
  }
  return undefined
}

function unindent(block: string): string {
  return block.replaceAll(/^ {4}/gm, '')
}
