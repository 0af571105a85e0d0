import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { InputFileError } from '../input-file-error.ts'
import { createStepBar } from '../progress-bar.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withApi } from './with-api.ts'

const usage = `usage: pnpm export FILE

Writes all that the key's user may see as one archive of this moment, in JSON Lines, packed where FILE ends in .gz: contents with their
passages and analysis, authors, patterns, sources, cards, attributions, and the user's own private cards, research and subscriptions.
Tokens, keys, webhooks and others' e-mail addresses are not in it. pnpm run import FILE puts it into an empty server.

With EXTROPY_KEY it is the view of that key at the server at EXTROPY_URL (http://127.0.0.1:8000 where that is left out). Without a key it is
what everybody may see, from the server that has the embedded database open, or else from the database of DATABASE_URL.
`

/** Of the last line: a hash for each part, or an error. */
const longestEnd = 100_000

await runCommand({ usage, allowPositionals: true }, async (_, [file, ...more]) => {
  if (file === undefined || more.length > 0) throw new UsageError('name one FILE')
  const path = resolve(file)
  const part = `${path}.part`
  try {
    const lines = await withApi(async (api) => {
      const end = createEndCheck()
      const packed = file.endsWith('.gz') ? [createGzip()] : []
      const stages = [
        await api.download('/api/export'),
        end.stream,
        ...packed,
        createWriteStream(part, { mode: 0o600 }),
      ]
      await pipeline(stages as never)
      return end.lines()
    })
    await rename(part, path)
    process.stdout.write(`${file}: ${lines.toLocaleString('en')} lines\n`)
    return 0
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
})

/** Lets bytes pass, and knows the last line, which says whether all of them came. */
function createEndCheck() {
  const bar = createStepBar('writing', process.stderr, 'MB')
  let tail = Buffer.alloc(0)
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      tail = Buffer.concat([tail, chunk]).subarray(-longestEnd)
      bar.update({ done: Math.round(bytes / 1e6), total: null })
      done(null, chunk)
    },
  })
  return {
    stream,
    /** @throws InputFileError */
    lines(): number {
      bar.finish()
      const last = JSON.parse(tail.toString().trimEnd().split('\n').at(-1) || '{}') as End
      if (last.type === 'done') return last.lines
      throw new InputFileError(last.error?.message ?? 'The server has hung up before the end: nothing was written.')
    },
  }
}

interface End {
  readonly type?: string
  readonly lines: number
  readonly error?: { readonly message: string }
}
