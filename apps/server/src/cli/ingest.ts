import { closeSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { EmbedderError, type Reject } from '@extropy/api'
import { migrate } from '@extropy/db'
import { parseConfig } from '../config.ts'
import { embedStored } from '../embed-stored.ts'
import { InputFileError, ingestFile } from '../ingest-file.ts'
import { openDeps } from '../open-deps.ts'
import { runCommand, UsageError } from './run-command.ts'

const usage = `usage: pnpm ingest FILE… [--rejects FILE]

Stores the contents of JSON Lines files, gzip'd or not; - is standard input. Unchanged contents that are stored already
cost nothing. Their vectors follow; Ctrl-C leaves them to the server. Invalid lines go, as they are, to the rejects file (by default, for posts.jsonl, posts.rejects.jsonl in
the current folder). The exit status is 1 where a line is invalid, or a file cannot be read.
`

const options = { rejects: { type: 'string' } } as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  if (positionals.length === 0) throw new UsageError('name a FILE, or - for standard input')
  const deps = await openDeps(parseConfig(process.env))
  const rejects = new Map<string, RejectsFile>()
  let failed = false
  try {
    for (const path of positionals) {
      const name = path === '-' ? 'stdin' : basename(path)
      const rejectsPath = values.rejects ?? `${name.replace(/(\.jsonl?)?(\.gz)?$/, '')}.rejects.jsonl`
      const file = rejects.get(rejectsPath) ?? createRejectsFile(rejectsPath)
      rejects.set(rejectsPath, file)
      const onReject = ({ line, field, reason }: Reject) => {
        failed = true
        if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
        process.stderr.write(`${name}, line ${line.number}: ${field === '' ? 'the line' : field}: ${reason}\n`)
        if (line.bytes !== undefined) file.add(line.bytes)
      }
      try {
        await ingestFile(deps, path, { label: name, out: process.stderr, onReject })
      } catch (error) {
        if (!(error instanceof InputFileError)) throw error
        // The other files are still ingested.
        failed = true
        process.stderr.write(`${error.message}\n`)
      }
    }
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
    await deps.close()
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
