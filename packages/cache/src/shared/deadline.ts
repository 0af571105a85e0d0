import type { Clock } from '../clock.ts'
import { SharedTimeoutError } from '../errors.ts'

/** The promise's outcome, or a `SharedTimeoutError` after `budgetMs`. A late outcome is ignored, a late rejection swallowed. */
export function withDeadline<T>(clock: Clock, operation: string, budgetMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => reject(new SharedTimeoutError(operation, budgetMs)), budgetMs)
    promise.then(resolve, reject).finally(cancel)
  })
}

export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(resolve, delayMs)
  })
}
