import { cancelJob, getJob, listJobs, retryJob } from '@extropy/api'
import { type JobStatus, jobStatuses, migrate } from '@extropy/db'
import { type Api, serverApi } from './api.ts'
import { formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { findServer } from './server-door.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm jobs [--status STATUS] [--kind KIND] [--limit N]
       pnpm jobs show ID
       pnpm jobs cancel ID
       pnpm jobs retry ID

Lists jobs, the newest first, or shows, cancels or retries one. With EXTROPY_KEY, an API key, it asks the server at EXTROPY_URL
(http://127.0.0.1:8000 where that is left out), which shows the key's user their own jobs and admins everyone's. Without a key it
asks the server that has the embedded database open, or opens the database of DATABASE_URL.
STATUS is one of ${jobStatuses.join(', ')}.
`

const options = {
  status: { type: 'string' },
  kind: { type: 'string' },
  limit: { type: 'string', default: '20' },
} as const

type Job = Awaited<ReturnType<typeof getJob>>
type Listed = Awaited<ReturnType<typeof listJobs>>['items'][number]

interface Filters {
  readonly status?: JobStatus | undefined
  readonly kind?: string | undefined
  readonly limit: number
}

/** The database, or a server. */
interface Door {
  list(filters: Filters): Promise<readonly Listed[]>
  show(id: string): Promise<Job>
  cancel(id: string): Promise<Job>
  retry(id: string): Promise<Job>
}

await runCommand({ usage, options, allowPositionals: true }, async (values, [action, id, ...more]) => {
  if (action === undefined) {
    const filters = readFilters(values)
    await throughDoor(async (door) => printList(await door.list(filters)))
    return 0
  }
  if (action !== 'show' && action !== 'cancel' && action !== 'retry') {
    throw new UsageError('the actions are show, cancel and retry')
  }
  if (id === undefined || more.length > 0) throw new UsageError(`${action} takes the ID of one job`)
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new UsageError(`${id} is not a job's ID: pnpm jobs lists them`)
  await throughDoor(async (door) => printJob(await door[action](id.toLowerCase())))
  return 0
})

function readFilters({ status, kind, limit }: { status?: string; kind?: string; limit: string }): Filters {
  const isStatus = (text: string): text is JobStatus => (jobStatuses as readonly string[]).includes(text)
  if (status !== undefined && !isStatus(status))
    throw new UsageError(`--status must be one of ${jobStatuses.join(', ')}`)
  if (!/^([1-9]\d?|100)$/.test(limit)) throw new UsageError('--limit must be a whole number from 1 to 100')
  return { status, kind, limit: Number(limit) }
}

async function throughDoor(use: (door: Door) => Promise<void>): Promise<void> {
  const server = findServer()
  if (server !== undefined) return use(serverDoor(serverApi(server)))
  await withDatabase(async (database) => {
    await migrate(database, { vectorIndexes: false })
    const { db } = database
    await use({
      list: async (filters) => (await listJobs(db, filters)).items,
      show: (id) => getJob(db, { id }),
      cancel: (id) => cancelJob(db, { id }),
      retry: (id) => retryJob(db, { id }),
    })
  })
}

function serverDoor({ call }: Api): Door {
  const path = '/api/jobs'
  return {
    async list(filters) {
      const given = Object.entries(filters).filter(([, value]) => value !== undefined)
      const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
      return (await call<{ items: Listed[] }>('GET', `${path}?${query}`)).items
    },
    show: (id) => call('GET', `${path}/${id}`),
    cancel: (id) => call('POST', `${path}/${id}/cancel`),
    retry: (id) => call('POST', `${path}/${id}/retry`),
  }
}

function printList(jobs: readonly Listed[]): void {
  const rows = jobs.map((job) => ({
    id: job.id,
    kind: job.kind,
    subject: job.subject ?? '',
    status: job.isCancelling ? 'cancelling' : job.status,
    attempt: `${job.attempt}/${job.maxAttempts}`,
    progress: describeProgress(job),
    created: job.createdAt,
  }))
  process.stdout.write(rows.length === 0 ? 'No jobs.\n' : formatTable(rows))
}

function describeProgress({ progress }: Pick<Listed, 'progress'>): string {
  if (progress === null) return ''
  const { done, total, perSecond, secondsLeft } = progress
  const parts = [total === null ? String(done) : `${done} of ${total}`]
  if (perSecond !== null) parts.push(`${perSecond.toFixed(1)}/s`)
  if (secondsLeft !== null) parts.push(`${Math.ceil(secondsLeft)} s left`)
  return parts.join(', ')
}

function printJob(job: Job): void {
  const { log, result, progress: _, ...rest } = job
  const lines = Object.entries({ ...rest, progress: describeProgress(job) })
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.padEnd(13)}${value}`)
  if (result !== null) lines.push(`${'result'.padEnd(13)}${JSON.stringify(result)}`)
  for (const { at, text } of log) lines.push(`${at}  ${text}`)
  process.stdout.write(`${lines.join('\n')}\n`)
}
