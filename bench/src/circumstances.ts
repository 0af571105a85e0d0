import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const manifest = new URL('../package.json', import.meta.url)

/** What a reader has to know to weigh a figure. */
export interface Circumstances {
  readonly machine: { readonly cores: number; readonly cpu: string; readonly memoryGiB: number }
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
  readonly busyShare: number
  readonly busy: boolean
}

/** Above this share of the cores, somebody else's work is in the figures. */
const quietShare = 0.15

export async function circumstances(busyShare: number): Promise<Circumstances> {
  return {
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    versions: { node: process.version, ...(await postgresVersion()), ...(await packageVersions()) },
    commit: await commit(),
    busyShare: Number(busyShare.toFixed(2)),
    busy: isBusy(busyShare),
  }
}

/** The share of all cores that is in use while this process only waits. */
export async function measureBusyShare(windowMs = 500): Promise<number> {
  const before = cpuTimes()
  await sleep(windowMs)
  const after = cpuTimes()
  return 1 - (after.idle - before.idle) / Math.max(1, after.total - before.total)
}

export function isBusy(busyShare: number): boolean {
  return busyShare > quietShare
}

function cpuTimes(): { idle: number; total: number } {
  const times = cpus().map((cpu) => cpu.times)
  const sum = (of: (each: (typeof times)[0]) => number) => times.reduce((total, each) => total + of(each), 0)
  return {
    idle: sum(({ idle }) => idle),
    total: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
  }
}

async function postgresVersion(): Promise<{ PostgreSQL?: string }> {
  const connectionString = process.env.TEST_DATABASE_URL
  if (!connectionString) return {}
  const client = new pg.Client({ connectionString })
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return { PostgreSQL: rows[0]?.server_version ?? 'unknown' }
  } catch {
    return {}
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The installed versions of what is measured, read where node would find it. */
async function packageVersions(): Promise<Record<string, string>> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(manifest, 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const versions: Record<string, string> = {}
  for (const name of Object.keys({ ...dependencies, ...devDependencies }).sort()) {
    if (name.startsWith('@types/') || name.startsWith('@extropy/')) continue
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined) versions[name] = (JSON.parse(text) as { version: string }).version
  }
  return versions
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: new URL('.', manifest) })).stdout.trim()
  try {
    const isChanged =
      (await git('status', '--porcelain', '--untracked-files=no', '--', '../packages', '../apps')) !== ''
    return `${await git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`
  } catch {
    return 'unknown'
  }
}
