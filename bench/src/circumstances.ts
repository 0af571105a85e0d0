import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onServer } from './databases.ts'
import type { Circumstances } from './results.ts'

const run = promisify(execFile)
const folder = new URL('../', import.meta.url)

/** Above this share of the cores, somebody else's work is in the figures. */
const quietShare = 0.15

export async function circumstances(): Promise<Circumstances> {
  const busyShare = await measureBusyShare()
  return {
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    versions: { node: process.version, ...(await postgresVersion()), ...(await packageVersions()) },
    commit: await commit(),
    busyShare: Number(busyShare.toFixed(2)),
    busy: busyShare > quietShare,
  }
}

/** The share of all cores that is in use while this process only waits. */
async function measureBusyShare(): Promise<number> {
  const times = () => {
    const all = cpus().map((cpu) => cpu.times)
    const total = all.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)
    return { total, idle: all.reduce((sum, { idle }) => sum + idle, 0) }
  }
  const before = times()
  await sleep(500)
  const after = times()
  return 1 - (after.idle - before.idle) / Math.max(1, after.total - before.total)
}

async function postgresVersion(): Promise<{ PostgreSQL?: string }> {
  const { TEST_DATABASE_URL } = process.env
  if (!TEST_DATABASE_URL) return {}
  const [row] = await onServer(TEST_DATABASE_URL, 'show server_version').catch(() => [])
  return row === undefined ? {} : { PostgreSQL: String(row.server_version) }
}

/** The installed versions of the measured packages, read where node would find them. */
async function packageVersions(): Promise<Record<string, string>> {
  const readJson = async (path: string) => JSON.parse(await readFile(new URL(path, folder), 'utf8'))
  const { dependencies, devDependencies } = await readJson('package.json')
  const versions: Record<string, string> = {}
  for (const name of Object.keys({ ...dependencies, ...devDependencies }).sort()) {
    if (/^@types\/|^@extropy\//.test(name)) continue
    const manifest = await readJson(`node_modules/${name}/package.json`).catch(() => undefined)
    if (manifest !== undefined) versions[name] = manifest.version
  }
  return versions
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: folder })).stdout.trim()
  try {
    const changed = await git('status', '--porcelain', '--untracked-files=no', '--', '../packages', '../apps')
    return `${await git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ' with changes'}`
  } catch {
    return 'unknown'
  }
}
