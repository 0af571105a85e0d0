import { closeSync, openSync, writeSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { EmbedderError, ingest, type Reject } from '@extropy/api'
import { migrate } from '@extropy/db'
import { parseConfig } from '../config.ts'
import type { Door } from '../door/door-file.ts'
import { embedStored } from '../embed-stored.ts'
import { type Ingest, ingestFile } from '../ingest-file.ts'
import { InputFileError } from '../input-file-error.ts'
import { openDeps } from '../open-deps.ts'
import { serverApi } from './api.ts'
import { ingestThroughApi } from './ingest-through-api.ts'
import { runCommand, UsageError } from './run-command.ts'
import { findHolder } from './server-door.ts'

const usage = `usage: pnpm ingest FILE… [--author NAME] [--site URL] [--private] [--rejects FILE]

Stores the contents of files, folders and zips: JSON Lines (gzip'd or not; - is standard input), JSON arrays, CSV, Markdown with front matter, plain
text, captions, bookmarks, and the exports of X, Reddit, Substack, Medium, Ghost, WordPress, Mastodon, Pocket and Instapaper. What is private, a draft
or not the author's stays out. Unchanged contents that are stored already cost nothing. Their vectors follow; Ctrl-C leaves them to the server.
Where a server has the embedded database open, it takes the contents in, one a request.

--author NAME   the author of what names none
--site URL      the site's address, which exports of Substack and Ghost leave out
--private       bookmarks that are marked as private come in too
--rejects FILE  where what is not valid goes (by default, for posts.jsonl, posts.rejects.jsonl in the current folder)

The exit status is 1 where something is not valid, or cannot be read.
`

const options = {
  author: { type: 'string' },
  site: { type: 'string' },
  private: { type: 'boolean' },
  rejects: { type: 'string' },
} as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  if (positionals.length === 0) throw new UsageError('name a FILE, or - for standard input')
  if (values.site !== undefined && !/^https?:$/.test(URL.parse(values.site)?.protocol ?? '')) {
    throw new UsageError('--site must be an http or https URL')
  }
  const archive = {
    ...(values.author === undefined ? {} : { author: values.author }),
    ...(values.site === undefined ? {} : { siteUrl: values.site }),
    ...(values.private === undefined ? {} : { includePrivate: values.private }),
  }
  const config = parseConfig(process.env)
  const holder = findHolder(config)
  const deps = holder === undefined ? await openDeps(config) : undefined
  const into: Ingest = (lines, how) =>
    deps === undefined ? ingestThroughApi(serverApi(holder as Door), lines, how) : ingest(deps, lines, how)
  const rejects = new Map<string, RejectsFile>()
  let failed = false
  try {
    for (const path of positionals) {
      const name = path === '-' ? 'stdin' : basename(resolve(path))
      const rejectsPath = values.rejects ?? `${name.replace(/(\.(jsonl?|ndjson|csv|zip))?(\.gz)?$/, '')}.rejects.jsonl`
      const file = rejects.get(rejectsPath) ?? createRejectsFile(rejectsPath)
      rejects.set(rejectsPath, file)
      const onProblem = (message: string) => {
        failed = true
        if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
        process.stderr.write(`${message}\n`)
      }
      const onReject = ({ line, field, reason }: Reject) => {
        onProblem(`${name}, ${line.place ?? `line ${line.number}`}: ${field === '' ? 'the line' : field}: ${reason}`)
        if (line.bytes !== undefined) file.add(line.bytes)
      }
      try {
        await ingestFile({ ingest: into, deps }, path, {
          label: name,
          out: process.stderr,
          onReject,
          onProblem,
          archive,
        })
      } catch (error) {
        if (!(error instanceof InputFileError)) throw error
        // The other files are still ingested.
        failed = true
        process.stderr.write(`${error.message}\n`)
      }
    }
    // The server follows by itself.
    if (deps === undefined) return failed ? 1 : 0
    try {
      await embedStored(deps, process.stderr)
    } catch (error) {
      if (!(error instanceof EmbedderError)) throw error
      failed = true
      process.stderr.write(`${error.message}\nThe contents are stored, and are found by word.\n`)
    }
    await migrate(deps.database)
  } finally {
    for (const file of rejects.values()) file.close()
    await deps?.close()
  }
  return failed ? 1 : 0
})

interface RejectsFile {
  add(line: Buffer): void
  close(): void
}

/** Keeps rejected lines as they came, so that they can be mended and ingested. A run's first one overwrites the file. */
function createRejectsFile(path: string): RejectsFile {
  let descriptor: number | undefined
  return {
    add(line) {
      descriptor ??= openSync(path, 'w')
      writeSync(descriptor, Buffer.concat([line, Buffer.from('\n')]))
    },
    close() {
      if (descriptor === undefined) return
      closeSync(descriptor)
      process.stderr.write(`Rejected lines are in ${path}: mend them and ingest that file.\n`)
    },
  }
}
