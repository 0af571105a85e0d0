import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BadCallError } from '../bench-case.ts'
import { withFolder } from '../databases.ts'
import type { Measurement, ResultFile } from '../results.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

interface CommitOptions {
  readonly suite: string
  readonly part: string | undefined
  readonly rounds: number
  readonly quick: boolean
}

/**
 * Checks both commits out into folders of their own and runs the suite in each, in turns, a fresh process each time, the
 * first one changing from round to round. Each commit's own benchmark measures it. Returns each one's rounds.
 */
export async function measureCommits(
  commits: readonly string[],
  { suite, part, rounds, quick }: CommitOptions,
): Promise<(readonly Measurement[])[][]> {
  const git = (...args: string[]) => run('git', args, { cwd: root })
  for (const commit of commits) {
    await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`).catch(() => {
      throw new BadCallError(`${commit} is neither a result file nor a commit`)
    })
  }
  const args = [suite, ...(part === undefined ? [] : ['--part', part]), ...(quick ? ['--quick'] : [])]
  const file = join('bench/results', `${part === undefined ? suite : `${suite}-${part}`}.json`)
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  return withFolder(async (folder) => {
    const trees = commits.map((_, at) => join(folder, String(at)))
    const measured: (readonly Measurement[])[][] = commits.map(() => [])
    try {
      for (const [at, cwd] of trees.entries()) {
        process.stderr.write(`${commits[at]}: checking out, installing\n`)
        await git('worktree', 'add', '--detach', cwd, commits[at] ?? '')
        await run('npx', ['--yes', 'pnpm@12', 'install', '--frozen-lockfile', '--prefer-offline'], { cwd })
      }
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < trees.length; turn++) {
          const at = (round + turn) % trees.length
          const cwd = trees[at] ?? ''
          process.stderr.write(`round ${round + 1} of ${rounds}: ${commits[at]}\n`)
          const child = spawn(process.execPath, ['bench/src/main.ts', ...args], {
            cwd,
            stdio: ['ignore', 'ignore', 'inherit'],
          })
          stopped.signal.addEventListener('abort', () => child.kill('SIGTERM'))
          const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
          if (stopped.signal.aborted) throw new BadCallError('stopped')
          if (code !== 0) throw new BadCallError(`${commits[at]}: pnpm bench ${suite} ended with ${code ?? signal}`)
          const results = await readFile(join(cwd, file), 'utf8').catch(() => {
            throw new BadCallError(`${suite} of ${commits[at]} writes no results`)
          })
          measured[at]?.push((JSON.parse(results) as ResultFile).measurements)
        }
      }
      return measured
    } finally {
      for (const tree of trees) await git('worktree', 'remove', '--force', tree).catch(() => undefined)
    }
  })
}
