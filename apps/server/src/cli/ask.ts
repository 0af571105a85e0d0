import type { AnswerEvent } from '@extropy/api'
import { readEvents } from './read-events.ts'
import { runCommand, UsageError } from './run-command.ts'
import { defaultUrl, findServer } from './server-door.ts'

const usage = `usage: pnpm ask "QUESTION" [--author NAME] [--platform NAME]

Asks the running server and prints its answer with its sources: the server of EXTROPY_URL, else the one that has the database of DATABASE_URL
open, else the one at http://127.0.0.1:8000.
The exit status is 1 where nothing answers.
`

const options = { author: { type: 'string' }, platform: { type: 'string' } } as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const prompt = positionals.join(' ').trim()
  if (prompt === '') throw new UsageError('ask a question')
  const url = process.env.EXTROPY_URL ?? findServer()?.url ?? defaultUrl
  const response = await post(`${url.replace(/\/$/, '')}/query/answer`, { prompt, ...values })
  if (response === undefined) {
    process.stderr.write(
      `No server answers at ${url}. Start one with \`pnpm start\`, or name another in EXTROPY_URL.\n`,
    )
    return 1
  }
  if (!response.ok || response.body === null) {
    process.stderr.write(`${url} answered ${response.status}: ${await messageOf(response)}\n`)
    return 1
  }
  return printAnswer(readEvents<StreamedEvent>(response.body))
})

async function post(url: string, body: unknown): Promise<Response | undefined> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (error) {
    if (error instanceof TypeError) return undefined // fetch's word for a connection that failed
    throw error
  }
}

type StreamedEvent = AnswerEvent | { readonly error: { readonly message: string } }

async function printAnswer(events: AsyncIterable<StreamedEvent>): Promise<number> {
  const contents = new Map<string, Content>()
  const numbers = new Map<Content, number>()
  let said = 0
  for await (const event of events) {
    if ('error' in event) {
      process.stderr.write(`The answer broke off: ${event.error.message}\n`)
      return 1
    }
    if (event.type === 'passages') {
      for (const { passage, content } of event.passages) contents.set(passage.id, content)
    } else if (event.type === 'sentence') {
      const cited = [...new Set(event.citations.flatMap((id) => numberOf(contents.get(id), numbers)))]
      process.stdout.write(`${event.text} ${cited.map((number) => `[${number}]`).join('')}\n`)
      said++
    } else if (event.notice !== null) process.stdout.write(`${said > 0 ? '\n' : ''}${event.notice}\n`)
  }
  if (numbers.size > 0) process.stdout.write('\n')
  for (const [{ title, author, publishedAt, sourceUrl }, number] of numbers) {
    const date = publishedAt === null ? '' : `, ${publishedAt.slice(0, 10)}`
    process.stdout.write(`[${number}] ${title} (${author}${date})\n    ${sourceUrl}\n`)
  }
  return said > 0 ? 0 : 1
}

type Content = Extract<AnswerEvent, { type: 'passages' }>['passages'][number]['content']

/** Contents are numbered in the order in which they are cited; the same post once, however many of its passages are. */
function numberOf(content: Content | undefined, numbers: Map<Content, number>): number[] {
  if (content === undefined) return []
  const known = [...numbers].find(([{ id }]) => id === content.id)
  if (known !== undefined) return [known[1]]
  numbers.set(content, numbers.size + 1)
  return [numbers.size]
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message
  } catch {
    return text
  }
}
