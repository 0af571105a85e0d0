import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BadCallError } from '../bench-case.ts'
import type { Measurement } from '../results.ts'
import { readResults } from './files.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface CommitOptions {
  readonly suite: string
  readonly part: string | undefined
  readonly rounds: number
  readonly quick: boolean
}

/**
 * Checks both commits out into folders of their own and runs the suite in each, in turns, a fresh process each time, the
 * first one changing from round to round. Each commit's own benchmark measures it. Returns each one's rounds.
 */
export async function measureCommits(commits: readonly string[], options: CommitOptions): Promise<Measurement[][][]> {
  for (const commit of commits) await assertCommit(commit)
  const folder = await mkdtemp(join(tmpdir(), 'extropy-compare-'))
  const trees: string[] = []
  let running: ChildProcess | undefined
  let isStopped = false
  const stop = () => {
    isStopped = true
    running?.kill('SIGTERM')
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    for (const [at, commit] of commits.entries()) {
      const tree = join(folder, String(at))
      process.stderr.write(`${commit}: checking out, installing\n`)
      await run('git', ['worktree', 'add', '--detach', tree, commit], { cwd: root })
      trees.push(tree)
      await run('npx', ['--yes', 'pnpm@12', 'install', '--frozen-lockfile', '--prefer-offline'], { cwd: tree })
    }
    const part = options.part === undefined ? [] : ['--part', options.part]
    const flags = [...part, ...(options.quick ? ['--quick'] : [])]
    const rounds: Measurement[][][] = commits.map(() => [])
    for (let round = 0; round < options.rounds; round++) {
      for (let turn = 0; turn < trees.length; turn++) {
        const at = (round + turn) % trees.length
        process.stderr.write(`round ${round + 1} of ${options.rounds}: ${commits[at]}\n`)
        running = spawn(process.execPath, ['bench/src/main.ts', options.suite, ...flags], {
          cwd: trees[at],
          stdio: ['ignore', 'ignore', 'inherit'],
        })
        const [code, signal] = (await once(running, 'exit')) as [number | null, NodeJS.Signals | null]
        if (isStopped) throw new BadCallError('stopped')
        if (code !== 0)
          throw new BadCallError(`${commits[at]}: pnpm bench ${options.suite} ended with ${code ?? signal}`)
        rounds[at]?.push(...(await readResults(resultsOf(trees[at] ?? '', options))))
      }
    }
    return rounds
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    for (const tree of trees) await run('git', ['worktree', 'remove', '--force', tree], { cwd: root })
    await rm(folder, { recursive: true, force: true })
  }
}

async function assertCommit(commit: string): Promise<void> {
  try {
    await run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`], { cwd: root })
  } catch {
    throw new BadCallError(`${commit} is neither a result file nor a commit`)
  }
}

/** @throws BadCallError for a commit whose benchmarks did not keep their results yet */
function resultsOf(tree: string, { suite, part }: CommitOptions): string {
  const file = join(tree, 'bench/results', `${part === undefined ? suite : `${suite}-${part}`}.json`)
  if (!existsSync(file)) throw new BadCallError(`${suite} of this commit writes no results`)
  return file
}
