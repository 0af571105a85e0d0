import { type Api, ApiError } from './api.ts'
import { followLook, type ShownSource, whenNext } from './follow-look.ts'
import { formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withApi } from './with-api.ts'

const usage = `usage: pnpm sources
       pnpm sources show|pause|resume|refresh|remove ID
       pnpm sources opml

Lists what is followed, failing ones first, each with when it is looked at next and why; shows one with its latest requests; pauses it, lets
it go on, looks at it now, or stops following it (its contents stay). opml writes all of them as a file for other readers. ID is the
beginning of an id as the list shows it, or a source's name. Which server is asked, or else the database: as for pnpm follow.
`

const actions = ['show', 'pause', 'resume', 'refresh', 'remove'] as const
type Action = (typeof actions)[number]

/** In the list. */
const order = { failing: 0, gone: 1, active: 2, paused: 3 } as const

interface Request {
  readonly fetchedAt: string
  readonly outcome: string
  readonly httpStatus: number | null
  readonly robots: string | null
  readonly url: string
  readonly message: string | null
}

await runCommand({ usage, allowPositionals: true }, async (_, [action, name, ...more]) => {
  if (more.length > 0) throw new UsageError('one source at a time')
  if (action === undefined) {
    return withApi(async (api) => {
      printList(await listAll(api))
      return 0
    })
  }
  if (action === 'opml') {
    if (name !== undefined) throw new UsageError('opml takes no ID: it writes all of them')
    return withApi(async (api) => {
      process.stdout.write((await api.call<{ opml: string }>('GET', '/api/sources/opml')).opml)
      return 0
    })
  }
  if (!isAction(action)) throw new UsageError(`the actions are ${actions.join(', ')} and opml`)
  if (name === undefined) throw new UsageError(`${action} takes the ID of one source: pnpm sources lists them`)
  return withApi(async (api) => act(api, action, await resolve(api, name)))
})

function isAction(text: string): text is Action {
  return (actions as readonly string[]).includes(text)
}

async function act(api: Api, action: Action, { id, label }: ShownSource): Promise<number> {
  const path = `/api/sources/${id}`
  if (action === 'refresh') {
    const job = await api.call<{ id: string }>('POST', `${path}/refresh`)
    process.stdout.write(`${label}\n`)
    const isSound = await followLook(api, job.id, process.stdout)
    process.stdout.write(`  looked at next ${whenNext(await api.call<ShownSource>('GET', path))}\n`)
    return isSound ? 0 : 1
  }
  if (action === 'remove') {
    await api.call('DELETE', path)
    process.stdout.write(`${label} is no longer followed. Its contents stay.\n`)
    return 0
  }
  if (action === 'show') {
    const { items } = await api.call<{ items: Request[] }>('GET', `${path}/fetches?limit=10`)
    printSource(await api.call('GET', path), items)
    return 0
  }
  const source = await api.call<ShownSource>('PATCH', path, { paused: action === 'pause' })
  process.stdout.write(`${label} is ${source.status}; looked at next ${whenNext(source)}\n`)
  return 0
}

async function listAll(api: Api): Promise<ShownSource[]> {
  const sources: ShownSource[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { items: ShownSource[]; nextCursor: string | null } = await api.call(
      'GET',
      `/api/sources?limit=100${query}`,
    )
    sources.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return sources
}

/** @throws ApiError where it is none, or may be several */
async function resolve(api: Api, name: string): Promise<ShownSource> {
  const found = (await listAll(api)).filter(
    ({ id, label }) => label === name || (name.length >= 4 && id.startsWith(name.toLowerCase())),
  )
  const [source, another] = found
  if (source === undefined) throw new ApiError(`No source is called ${name}: pnpm sources lists them.`, 404)
  if (another !== undefined) throw new ApiError(`${found.length} sources are called ${name}: give more of the id.`, 409)
  return source
}

function printList(sources: readonly ShownSource[]): void {
  if (sources.length === 0) {
    process.stdout.write('Nothing is followed yet: pnpm follow https://example.org\n')
    return
  }
  const rows = sources
    .toSorted((a, b) => order[a.status] - order[b.status] || a.label.localeCompare(b.label))
    .map((source) => ({
      id: source.id.slice(0, 8),
      platform: source.platform,
      source: source.label,
      status: source.status,
      next: whenNext(source),
      'last look': source.lastOutcome === null ? 'none yet' : `${source.lastOutcome}: ${source.lastMessage ?? ''}`,
    }))
  process.stdout.write(formatTable(rows))
}

function printSource(source: ShownSource & Record<string, unknown>, requests: readonly Request[]): void {
  const lines = Object.entries(source)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name.padEnd(16)}${String(value)}`)
  process.stdout.write(`${lines.join('\n')}\n`)
  const rows = requests.map(({ fetchedAt, outcome, httpStatus, robots, url, message }) => ({
    at: fetchedAt.slice(0, 19),
    outcome,
    status: httpStatus ?? '',
    robots: robots ?? 'not asked',
    url,
    message: message ?? '',
  }))
  if (rows.length > 0) process.stdout.write(`\n${formatTable(rows)}`)
}
