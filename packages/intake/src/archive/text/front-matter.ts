import { parse } from 'yaml'

export interface Document {
  readonly matter: Readonly<Record<string, unknown>>
  readonly body: string
}

/** YAML between `---`, TOML between `+++`, or a JSON object, at the start of a file. A fault in it throws. */
export function splitFrontMatter(text: string): Document {
  const yaml = /^---[^\S\n]*\r?\n([\s\S]*?)(?:^|\n)(?:---|\.\.\.)[^\S\n]*(?:\r?\n|$)/.exec(text)
  if (yaml !== null) {
    // The core schema leaves times as they are written, and a bounded number of aliases keeps a bomb small.
    const matter = parse(yaml[1] ?? '', { maxAliasCount: 20, logLevel: 'error' })
    return { matter: isObject(matter) ? matter : {}, body: text.slice(yaml[0].length) }
  }
  const toml = /^\+\+\+[^\S\n]*\r?\n([\s\S]*?)(?:^|\n)\+\+\+[^\S\n]*(?:\r?\n|$)/.exec(text)
  if (toml !== null) return { matter: parseToml(toml[1] ?? ''), body: text.slice(toml[0].length) }
  const json = /^\{\s*\n[\s\S]*?\n\}[^\S\n]*(?:\r?\n|$)/.exec(text)
  if (json !== null) {
    const matter: unknown = JSON.parse(json[0])
    return { matter: isObject(matter) ? matter : {}, body: text.slice(json[0].length) }
  }
  return { matter: {}, body: text }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As much of TOML as front matter has: keys with texts, numbers, times, truth values and lists; keys of tables by dots. */
function parseToml(text: string): Record<string, unknown> {
  const matter: Record<string, unknown> = {}
  let table = ''
  // A list may go over several lines: lines are joined until its brackets are even.
  let pending = ''
  for (const raw of text.split(/\r?\n/)) {
    const line = pending === '' ? raw.trim() : `${pending} ${raw.trim()}`
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[\[?([^\]]+)\]\]?$/.exec(line)
    if (pending === '' && header !== null) {
      table = `${(header[1] ?? '').trim()}.`
      continue
    }
    const pair = /^("[^"]*"|'[^']*'|[\w.-]+)\s*=\s*([\s\S]*)$/.exec(line)
    if (pair === null) continue
    const value = pair[2] ?? ''
    if (value.startsWith('[') && !/\]\s*(#.*)?$/.test(value)) {
      pending = line
      continue
    }
    pending = ''
    matter[`${table}${(pair[1] ?? '').replace(/^["']|["']$/g, '')}`] = tomlValue(value)
  }
  return matter
}

function tomlValue(text: string): unknown {
  const value = text.trim()
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value)
  if (quoted !== null) return unescapeBasic(quoted[1] ?? '')
  const literal = /^'([^']*)'/.exec(value)
  if (literal !== null) return literal[1]
  if (value.startsWith('[')) {
    return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(([, double, single]) =>
      double === undefined ? single : unescapeBasic(double),
    )
  }
  const bare = value.replace(/\s+#.*$/, '')
  if (bare === 'true' || bare === 'false') return bare === 'true'
  return /^[+-]?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare
}

function unescapeBasic(text: string): string {
  try {
    return JSON.parse(`"${text}"`)
  } catch {
    return text
  }
}
