import { Piscina } from 'piscina'
import type { Analysis } from '../analysis/analyse-text.ts'
import type { GivenText } from '../analysis/read-text.ts'
import { backgroundNice } from '../background-nice.ts'
import { AppError } from '../errors.ts'
import type { Outcome, Task } from './analyst-tasks.ts'
import { createTurns } from './turns.ts'

/** Computes analyses and patterns away from the event loop. */
export interface Analyst {
  /**
   * With `background`, the default of which is false, nobody waits for the answer.
   *
   * @throws AppError overloaded where too many callers wait, deadline_exceeded where the task takes too long; else the signal's reason
   */
  run(
    task: Task,
    options?: { readonly signal?: AbortSignal | undefined; readonly background?: boolean },
  ): Promise<Outcome>
  close(): Promise<void>
}

/** A thread goes after so long without work; a new one takes 200 ms to read its word lists. */
const idleMs = 60_000

/** Tasks of callers that wait for the one thread, at most; a caller has one of them at a time. */
const mostWaiting = 32
/** Eight texts at their worst take some seconds; patterns are made of thousands of contents. */
const [longestAnalysisMs, longestOtherMs] = [60_000, 300_000]

export interface AnalystOptions {
  /** Tasks of callers that wait; those beyond it are refused. 32 by default. */
  readonly mostWaiting?: number
  /** After so long in its thread a task is given up. A minute by default for analyses, five for all others. */
  readonly limitMs?: number
  /** The threads' module; another one only in tests. */
  readonly filename?: string
}

/**
 * Two threads: one for callers that wait, one for what nobody waits for. Each is started by its first task. A caller that goes leaves the
 * queue; a task that is given up ends its thread, for nothing else stops it.
 */
export function createAnalyst(given: AnalystOptions = {}): Analyst {
  const options = {
    filename: given.filename ?? new URL('./analyst.worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleMs,
  }
  const callers = { pool: new Piscina(options), turns: createTurns(given.mostWaiting ?? mostWaiting) }
  const background = {
    pool: new Piscina({ ...options, niceIncrement: backgroundNice }),
    turns: createTurns(Number.POSITIVE_INFINITY),
  }
  return {
    run(task, { signal, background: isBackground = false } = {}) {
      const { pool, turns } = isBackground ? background : callers
      const limitMs = given.limitMs ?? (task.kind === 'analyse' ? longestAnalysisMs : longestOtherMs)
      return turns.run(() => runWithin(limitMs, pool, task, signal), signal)
    },
    async close() {
      await Promise.all([callers.pool.destroy(), background.pool.destroy()])
    },
  }
}

async function runWithin(
  limitMs: number,
  pool: Piscina,
  task: Task,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const limit = AbortSignal.timeout(limitMs)
  try {
    return await pool.run(task, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (limit.aborted) throw new AppError('deadline_exceeded', 'The analysis took too long and was given up.')
    throw error
  }
}

const textsAtOnce = 8

/** The texts' analyses, in their order. */
export async function analyseTexts(
  analyst: Analyst,
  texts: readonly GivenText[],
  options: { readonly signal?: AbortSignal | undefined; readonly background?: boolean } = {},
): Promise<Analysis[]> {
  const analyses: Analysis[] = []
  for (let start = 0; start < texts.length; start += textsAtOnce) {
    const outcome = await analyst.run({ kind: 'analyse', texts: texts.slice(start, start + textsAtOnce) }, options)
    if (outcome.kind === 'analyses') analyses.push(...outcome.analyses)
  }
  return analyses
}
