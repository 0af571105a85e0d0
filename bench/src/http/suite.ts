import type { HttpData } from './data.ts'
import type { LoadTool } from './load.ts'
import type { RoundOptions } from './rounds.ts'

/** What every part of the suite is given. */
export interface Suite extends RoundOptions {
  readonly data: HttpData
  readonly tool: LoadTool
  readonly quick: boolean
  /** Where Extropy listens; undefined: any free port. */
  readonly port: number | undefined
}
