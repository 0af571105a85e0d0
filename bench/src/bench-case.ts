interface BenchOptions {
  /** Fewer rounds and less data: for a first look, not for a figure to quote. */
  readonly quick: boolean
  /** The case's own options, as the command line gave them. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

/** What a file in `cases/` exports as `bench`. It prints its tables itself. */
export interface BenchCase {
  readonly title: string
  run(options: BenchOptions): Promise<void>
}
