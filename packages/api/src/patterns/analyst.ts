import { Piscina } from 'piscina'
import type { Analysis } from '../analysis/analyse-text.ts'
import type { GivenText } from '../analysis/read-text.ts'
import { untilAborted } from '../until-aborted.ts'
import type { Outcome, Task } from './analyst-tasks.ts'

/** Computes analyses and patterns away from the event loop. */
export interface Analyst {
  /** With `background`, the default of which is false, nobody waits for the answer. */
  run(
    task: Task,
    options?: { readonly signal?: AbortSignal | undefined; readonly background?: boolean },
  ): Promise<Outcome>
  close(): Promise<void>
}

/** A thread goes after so long without work; a new one takes 200 ms to read its word lists. */
const idleMs = 60_000

/** Two threads: one for callers that wait, one for what nobody waits for. Each is started by its first task. */
export function createAnalyst(): Analyst {
  const options = {
    filename: new URL('./analyst.worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleMs,
  }
  const callers = new Piscina(options)
  const background = new Piscina(options)
  return {
    run: (task, { signal, background: isBackground = false } = {}) =>
      untilAborted((isBackground ? background : callers).run(task) as Promise<Outcome>, signal),
    async close() {
      await Promise.all([callers.destroy(), background.destroy()])
    },
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
