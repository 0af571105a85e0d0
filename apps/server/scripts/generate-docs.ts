import { readFileSync, writeFileSync } from 'node:fs'
import { createCacheRules, procedures } from '@extropy/api'
import { z } from 'zod'
import { Environment } from '../src/config.ts'

/**
 * Writes the tables of docs/ from the declarations: settings, routes, access rules. Each stands between two marks; the text
 * around them is written by hand. With `--check` it writes nothing, and fails where a page differs from its output.
 */
const begin = '<!-- Written by `pnpm docs:generate`. -->\n\n'
const end = '\n<!-- end -->'
const docs = new URL('../../../docs/', import.meta.url)
const cacheRules = createCacheRules()
const sorted = [...procedures.values()].sort((a, b) => a.path.localeCompare(b.path))

for (const [page, generated] of [
  ['settings.md', settings()],
  ['api.md', routes()],
  ['authorization.md', access()],
] as const) {
  const file = new URL(page, docs)
  const text = readFileSync(file, 'utf8')
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  const written = text.slice(0, from) + generated + text.slice(to)
  if (!process.argv.includes('--check')) writeFileSync(file, written)
  else if (written !== text) {
    process.stderr.write(
      `docs/${page} is not what the code declares: run \`pnpm docs:generate\` and commit what it writes.\n`,
    )
    process.exitCode = 1
  }
}

function settings(): string {
  const defaults: Readonly<Record<string, unknown>> = Environment.parse({})
  const { properties = {} } = z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(properties).map(([name, property]) => {
    const {
      description,
      values,
      enum: options,
      default: asWritten,
    } = property as { description?: string; values?: string; enum?: string[]; default?: unknown }
    if (description === undefined)
      throw new Error(`${name} has no description: give it one in apps/server/src/config.ts`)
    const allowed = options?.map((option) => `\`${option}\``).join(', ') ?? values ?? ''
    const preset = String(asWritten ?? defaults[name] ?? '')
    return [`\`${name}\``, preset && `\`${preset}\``, allowed, description]
  })
  return table(['variable', 'default', 'values', 'what it does'], rows)
}

function routes(): string {
  const features = Map.groupBy(sorted, ({ path }) => path.slice(0, path.indexOf('.')))
  return [...features]
    .map(([feature, ofFeature]) => {
      const rows = ofFeature.map((procedure) => {
        const { path, meta, routes } = procedure
        const ttlMs = cacheRules.ttlMsOf(procedure)
        if (meta.summary === '') throw new Error(`${path} has no summary: give it one in its \`meta\``)
        const ways = routes.map(({ method, path }) => `\`${method} ${path}\``).join('<br>')
        const form = meta.streamedAs === 'lines' ? 'JSON Lines' : 'server-sent events'
        const summary = meta.streams === undefined ? meta.summary : `${meta.summary} Streamed as ${form}.`
        return [ways, `\`${path}\``, meta.access?.scope ?? '', ttlMs === 0 ? '' : `${ttlMs / 1000} s`, summary]
      })
      return `### ${feature}\n\n${table(['route', 'procedure', 'key', 'kept', 'what it does'], rows)}`
    })
    .join('\n')
}

function access(): string {
  const rows = sorted.map(({ path, meta }) => [path, meta.access?.scope ?? '', meta.access?.reach ?? ''])
  return table(['procedure', 'scope', 'reach'], rows)
}

/** A table as the formatter writes it, with aligned columns. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('')
}
