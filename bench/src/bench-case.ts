import { spawnSync } from 'node:child_process'

interface BenchOptions {
  /** Fewer rounds and less data: for a first look, not for a figure to quote. */
  readonly quick: boolean
  /** Whether a part is to run. */
  wants(part: string): boolean
  /** `--keep`: leave the databases for the next run with `--keep`. */
  readonly keep: boolean
  /** `--database URL`, `--collection DIR`, `--data DIR` and `--seconds N`, for the suites that have them. */
  readonly database?: string | undefined
  readonly collection?: string | undefined
  /** `--articles DIR`, `--pages DIR` and `--feeds DIR`: what the readers of `intake` are measured on. */
  readonly articles?: string | undefined
  readonly pages?: string | undefined
  readonly feeds?: string | undefined
  /** `--data DIR`: judged sets; `--posts FILE`: posts to plant chains among. */
  readonly data?: string | undefined
  readonly posts?: string | undefined
  readonly seconds?: string | undefined
}

/** The environment variables that name a server to measure on. */
type ServerUrl = 'TEST_DATABASE_URL' | 'TEST_REDIS_URL'

/** The export `bench` of a file in `cases/`. It prints its tables itself, and records what it prints. */
export interface BenchCase {
  readonly title: string
  /** Servers without which it measures nothing. */
  readonly needs?: readonly ServerUrl[]
  /** Names that `--part` takes. */
  readonly parts?: readonly string[]
  /** Parts that a quick run has no time for, unless `--part` names them. */
  readonly leftOutOfQuick?: readonly string[]
  run(options: BenchOptions): Promise<void>
}

/** The call can't be carried out as it stands: its message is the one line that the user sees; exit status 2. */
export class BadCallError extends Error {
  override readonly name = 'BadCallError'
}

/** Whether a program of this name is on the PATH. */
export const hasProgram = (name: string): boolean => spawnSync(name, ['--version']).error === undefined
