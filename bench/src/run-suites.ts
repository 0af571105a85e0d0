import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { BadCallError, type BenchCase } from './bench-case.ts'
import { dropDatabasesOf, onServer } from './databases.ts'
import { loadSuite, suitesToRun } from './suites.ts'

const worker = fileURLToPath(new URL('./run-suite.ts', import.meta.url))
/** The time that a suite has after Ctrl-C to drop its databases; then it is killed with all that it started. */
const stopMs = 8000

/**
 * Each suite in a process of its own, one after the other. That process leads a group, so that Ctrl-C reaches everything
 * that a suite has started: servers, load generators, pgbench.
 */
export async function runSuites(
  name: string | undefined,
  args: readonly string[],
  { quick, part }: { readonly quick: boolean; readonly part?: string },
): Promise<number> {
  const suites = suitesToRun(name)
  if (name === undefined) process.env.EXTROPY_BENCH_RUN = String(process.pid)
  const took: string[] = []
  const startedAt = performance.now()
  const minutesSince = (begin: number) => ((performance.now() - begin) / 60_000).toFixed(1)
  let running: ChildProcess | undefined
  const interrupted = onInterrupt(() => running)
  let status = 0
  for (const suite of suites) {
    const bench = await loadSuite(suite)
    assertPart(suite, bench, part)
    const missing = await missingServers(bench)
    if (missing !== undefined) {
      if (name !== undefined) throw new BadCallError(`${suite} ${missing}`)
      process.stdout.write(`\nLeft out: ${suite} (${missing}).\n`)
      continue
    }
    const suiteStartedAt = performance.now()
    running = spawn(process.execPath, [worker, ...(name === undefined ? [suite] : []), ...args], {
      detached: true,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    const [code] = await Promise.race([once(running, 'exit') as Promise<[number | null]>, interrupted])
    await sweep(running)
    if (code !== 0) status = Math.max(status, code ?? 1)
    took.push(`${suite} ${minutesSince(suiteStartedAt)}`)
  }
  await dropDatabases(process.env.EXTROPY_BENCH_RUN)
  if (suites.length > 1) {
    process.stdout.write(
      `\nAll suites${quick ? ', quick' : ''}: ${minutesSince(startedAt)} min (${took.join(', ')}). Now: pnpm bench report\n`,
    )
  }
  return status
}

function assertPart(suite: string, { parts = [] }: BenchCase, part: string | undefined): void {
  if (part === undefined || parts.includes(part)) return
  throw new BadCallError(
    parts.length === 0 ? `${suite} has no parts` : `${suite} has no part ${part}; there is: ${parts.join(', ')}`,
  )
}

/** The reason why the suite can't run; undefined where it can. A configured server has to answer. */
async function missingServers({ needs = [] }: BenchCase): Promise<string | undefined> {
  for (const variable of needs) {
    const url = process.env[variable]
    if (!url) return `needs a server: set ${variable}`
    if (variable === 'TEST_DATABASE_URL') {
      await onServer(url, 'select').catch(({ message, code }: NodeJS.ErrnoException) => {
        throw new BadCallError(`the server that TEST_DATABASE_URL names does not let us in: ${message || code}`)
      })
    }
  }
  return undefined
}

/** Never resolves: after the first signal the suite is asked to stop, and this process ends when it has. */
async function onInterrupt(running: () => ChildProcess | undefined): Promise<never> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
  const signal = await promise
  const child = running()
  if (child?.exitCode === null) {
    const ended = once(child, 'exit')
    signalGroup(child, 'SIGTERM')
    // A second Ctrl-C does not wait.
    await Promise.race([ended, sleep(stopMs), once(process, 'SIGINT')])
    await sweep(child)
  }
  // Once more, for a suite that had no time to do it: its databases end with its process's id.
  await dropDatabases(child?.pid)
  await dropDatabases(process.env.EXTROPY_BENCH_RUN)
  process.stderr.write('bench: stopped\n')
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

async function dropDatabases(run: string | number | undefined): Promise<void> {
  const { TEST_DATABASE_URL } = process.env
  if (TEST_DATABASE_URL && run !== undefined) await dropDatabasesOf(TEST_DATABASE_URL, run)
}

/** Processes that a suite has left running are still in its group, even when the suite itself has ended. */
async function sweep(child: ChildProcess): Promise<void> {
  // The kernel takes a moment to end them; some are never reaped where there is no init, hence the limit.
  for (let tries = 0; tries < 50 && signalGroup(child, 'SIGKILL'); tries++) await sleep(20)
}

/** False where nobody is left in the group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false
  }
}
