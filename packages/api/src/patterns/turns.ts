import { AppError, retryAfterSeconds } from '../errors.ts'
import { untilAborted } from '../until-aborted.ts'

/** One at a time, in the order in which they came. */
export interface Turns {
  /**
   * Waits for the caller's turn, and has the work done; whoever has gone meanwhile has none.
   *
   * @throws AppError overloaded where too many wait; else the signal's reason, or what the work throws
   */
  run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>
}

/** @param mostWaiting those beyond it are refused */
export function createTurns(mostWaiting: number): Turns {
  const waiting = new Set<() => void>()
  let isTaken = false
  const pass = () => {
    const [next] = waiting
    if (next === undefined) isTaken = false
    else {
      waiting.delete(next)
      next()
    }
  }
  const take = async (signal: AbortSignal | undefined) => {
    signal?.throwIfAborted()
    if (!isTaken) {
      isTaken = true
      return
    }
    if (waiting.size >= mostWaiting) {
      throw new AppError('overloaded', `Too many texts wait for analysis. Try again in ${retryAfterSeconds} seconds.`)
    }
    const turn = Promise.withResolvers<void>()
    waiting.add(turn.resolve)
    try {
      await untilAborted(turn.promise, signal)
    } catch (error) {
      // Gone in the moment in which the turn came.
      if (!waiting.delete(turn.resolve)) pass()
      throw error
    }
  }
  return {
    async run(work, signal) {
      await take(signal)
      try {
        return await work()
      } finally {
        pass()
      }
    },
  }
}
