interface BenchOptions {
  /** Fewer rounds and less data: for a first look, not for a figure to quote. */
  readonly quick: boolean
  /** The case's own options, as the command line gave them. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

/** The environment variables that name a server to measure on. */
type ServerUrl = 'TEST_DATABASE_URL' | 'TEST_REDIS_URL'

/** What a file in `cases/` exports as `bench`. It prints its tables itself, and records what it prints. */
export interface BenchCase {
  readonly title: string
  /** Without these it measures nothing at all. */
  readonly needs?: readonly ServerUrl[]
  /** What `--part` may name. */
  readonly parts?: readonly string[]
  run(options: BenchOptions): Promise<void>
}

/** The call can't be carried out as it stands: its message is the one line that the user sees; exit status 2. */
export class BadCallError extends Error {
  override readonly name = 'BadCallError'
}
