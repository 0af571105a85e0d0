import { readFile } from 'node:fs/promises'
import { checkReceipt, decodeReceiptId } from '@extropy/api'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm verify-answer FILE

Checks a saved answer of /query/answer (server-sent events, JSON Lines or a JSON list; - is standard input) against the database of DATABASE_URL: for each
sentence whether what it stands on is unchanged, changed or gone. The exit status is 0 where all of it is unchanged, 1 where not.

example: curl -sN 'http://localhost:8000/query/answer?prompt=what+is+Espree' > answer.txt && pnpm verify-answer answer.txt
`

await runCommand({ usage, allowPositionals: true }, async (_, positionals) => {
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('name one FILE, or - for standard input')
  const sentences = readSavedSentences(path === '-' ? await readAll(process.stdin) : await readFile(path, 'utf8'))
  if (sentences.length === 0) {
    process.stderr.write(`${path} has no sentence with receipts: save the answer as it comes from /query/answer.\n`)
    return 1
  }
  return withDatabase(async ({ db }) => {
    let isWhole = true
    for (const { text, receiptIds } of sentences) {
      const checked = await Promise.all(receiptIds.map((id) => checkReceipt(db, id)))
      for (const { status } of checked) isWhole &&= status === 'unchanged'
      const status = checked.length === 0 ? 'no source' : [...new Set(checked.map((each) => each.status))].join(', ')
      process.stdout.write(`${status.padEnd(10)} ${text}\n`)
      for (const { status, sourceUrl, passageId } of checked) {
        process.stdout.write(
          `${''.padEnd(10)} ${status === 'unchanged' ? '' : `${status}: `}${sourceUrl ?? passageId}\n`,
        )
      }
    }
    return isWhole ? 0 : 1
  })
})

interface SavedSentence {
  readonly text: string
  readonly receiptIds: readonly string[]
}

/** Whatever of it is a sentence with receipts, in whatever form it was saved. */
function readSavedSentences(saved: string): SavedSentence[] {
  const lines = saved.trimStart().startsWith('[') ? [saved] : saved.split(/\r?\n/)
  return lines.flatMap((line) => [parse(line.replace(/^data: ?/, ''))].flat().flatMap(toSentence))
}

/** Undefined for a comment, an event's name, half a line. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function toSentence(event: unknown): SavedSentence[] {
  const { type, text, receipts } = (event ?? {}) as { type?: unknown; text?: unknown; receipts?: unknown }
  if (type !== 'sentence' || typeof text !== 'string' || !Array.isArray(receipts)) return []
  const ids = receipts.map((receipt: { id?: unknown } | null) => String(receipt?.id))
  const broken = ids.find((id) => decodeReceiptId(id) === undefined)
  if (broken !== undefined) throw new UsageError(`the sentence «${text}» has a receipt that is none: ${broken}`)
  return [{ text, receiptIds: ids }]
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString()
}
