import type { JobLogLine } from '@extropy/db'
import { storableText } from '../storable-text.ts'
import type { Shown } from './queue.ts'

const mostLines = 20
const longestLine = 500

/** What people see of a run, kept here and written now and then. A write that fails is made up for by the next one. */
export function createRunLog(everyMs: number, write: (shown: Shown) => Promise<void>) {
  const lines: JobLogLine[] = []
  let done: number | null = null
  let total: number | null = null
  /** The first progress of this run: a run that goes on where another ended has not done all of it. */
  let from: { readonly done: number; readonly at: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const shown = (): Shown => {
    const seconds = from === undefined ? 0 : (performance.now() - from.at) / 1000
    const perSecond = from === undefined || done === null || seconds < 0.2 ? null : (done - from.done) / seconds
    return { done, total, perSecond, log: JSON.stringify(lines) }
  }
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      writing = writing.then(() => write(shown())).catch(() => {})
    }, everyMs)
  }
  return {
    add(line: string) {
      const text = storableText(line, longestLine)
      lines.push({ at: new Date().toISOString(), text })
      if (lines.length > mostLines) lines.shift()
      changed()
    },
    progress(given: number, of?: number) {
      done = Math.trunc(given)
      total = of === undefined ? total : Math.trunc(of)
      from ??= { done, at: performance.now() }
      changed()
    },
    /** No more is written; the run's end does. */
    async close(): Promise<Shown> {
      clearTimeout(timer)
      await writing
      return shown()
    },
  }
}
