import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { createClient, isExtropyError, withIdempotencyKey } from '@extropy/client'

const usage = `usage: pnpm cards:import FOLDER --key ADMIN_KEY [--url http://localhost:8000]

Takes FOLDER/cards.jsonl.gz {id, author, title, text} and FOLDER/edges.jsonl.gz {src, dst, type}, where src refers to
dst, and writes them through the public API alone: an account and a key for each author, the cards published a hundred
at a time, each edge an attribution that its author pays for. Killed, it can be run again: nothing is written twice.
`

interface Card {
  readonly id: string
  readonly author: string
  readonly title: string
  readonly text: string
}

interface Edge {
  readonly src: string
  readonly dst: string
  readonly type: 'citation' | 'remix' | 'reply'
}

/** Cards in one request, and requests under way at once. */
const cardsAtOnce = 100
const callers = 8

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://localhost:8000' },
    key: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const [folder] = positionals
const { url, key, help } = values
if (help) {
  process.stdout.write(usage)
  process.exit()
}
if (folder === undefined || key === undefined) {
  process.stderr.write(usage)
  process.exit(2)
}
const startedAt = performance.now()
const given = createClient({ url, apiKey: key })
const { id: adminId } = await given.users.me.query()
// Two requests for each author are more than a key's usual 1,000 an hour.
const admin = createClient({ url, apiKey: await openKey(given, adminId, ['read', 'write', 'admin']) })

const cards = await readLines<Card>('cards.jsonl.gz')
const edges = await readLines<Edge>('edges.jsonl.gz')
const byAuthor = Map.groupBy(cards, ({ author }) => author)
const clients = new Map<string, ReturnType<typeof createClient>>()
await inParallel([...byAuthor.keys()].entries(), async ([number, author]) => {
  clients.set(author, createClient({ url, apiKey: await openAccount(author, number) }))
})
say(`${clients.size} accounts`)

/** The file's ids to the server's. */
const ids = new Map<string, string>()
const batches = [...byAuthor].flatMap(([author, own]) => chunks(own, cardsAtOnce).map((batch) => ({ author, batch })))
await inParallel(batches, async ({ author, batch }) => {
  const { published } = await clientOf(author).cards.publish.mutate(
    { cards: batch.map(({ title, text }) => ({ title, body: text, privacyLevel: 'IDEAS' as const })) },
    withIdempotencyKey(`import-${batch[0]?.id}`),
  )
  for (const [at, { id }] of published.entries()) ids.set(batch[at]?.id as string, id)
})
say(`${ids.size} cards`)

const authorOf = new Map(cards.map(({ id, author }) => [id, author]))
const outcomes: Record<string, number> = {}
await inParallel(edges, async ({ src, dst, type }) => {
  const input = { sourceCardId: ids.get(dst) as string, targetCardId: ids.get(src) as string, type }
  const outcome = await clientOf(authorOf.get(src) as string)
    .attributions.create.mutate(input, withIdempotencyKey(`import-${src}-${dst}-${type}`))
    .then(() => 'attributions')
    .catch((error: unknown) => {
      if (!isExtropyError(error) || !error.data || error.data.httpStatus >= 500) throw error
      return `refused: ${error.message}`
    })
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
})
for (const [outcome, count] of Object.entries(outcomes)) say(`${count} ${outcome}`)
const busiest = Map.groupBy(edges, ({ dst }) => dst)
  .entries()
  .reduce((a, b) => (b[1].length > a[1].length ? b : a))
say(`try: curl '${url}/api/attributions/${ids.get(busiest[0])}/graph?depth=3'`)

/** The author's key: a new one each time, since a key is shown only once. */
async function openAccount(author: string, number: number): Promise<string> {
  const name = author
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 50)
  const username = `${name || 'author'}-${number}`
  const user = await admin.users.create
    .mutate({ username, email: `import-${number}@users.invalid`, displayName: author.slice(0, 200) || username })
    .catch(() => admin.users.byUsername.query({ username }))
  return openKey(admin, user.id, ['read', 'write'])
}

async function openKey(
  as: ReturnType<typeof createClient>,
  userId: string,
  scopes: ('read' | 'write' | 'admin')[],
): Promise<string> {
  return (await as.keys.create.mutate({ userId, name: 'import', scopes, rateLimitPerHour: 1_000_000 })).key
}

function clientOf(author: string): ReturnType<typeof createClient> {
  return clients.get(author) as ReturnType<typeof createClient>
}

async function readLines<Line>(file: string): Promise<Line[]> {
  const text = gunzipSync(await readFile(join(folder as string, file))).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

async function inParallel<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const caller = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}

function say(line: string): void {
  process.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)
}
