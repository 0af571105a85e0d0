import { setTimeout } from 'node:timers/promises'
import { type EmbeddingDeps, type EmbedPassagesOptions, embedPassages } from './embed-passages.ts'

/** How soon a passage that another program has stored is noticed. */
const lookAgainMs = 2000
/** After a failure; twice as long after each further one, up to a minute. */
const firstRetryMs = 1000
const lastRetryMs = 60_000

export interface FollowOptions extends Pick<EmbedPassagesOptions, 'onRefused'> {
  readonly onError?: (error: unknown) => void
  /** After passages got their vectors, when none waits any more. */
  readonly onCaughtUp?: () => Promise<void>
}

/**
 * Gives every passage its vector, in the background, for as long as the process runs. A failure goes to `onError`, once while it
 * stays the same, and the work is tried again.
 */
export function followPassages(deps: EmbeddingDeps, options: FollowOptions = {}): { close(): Promise<void> } {
  const { onError = () => {}, onCaughtUp = async () => {}, ...rest } = options
  const stop = new AbortController()
  const { signal } = stop

  const run = async () => {
    let retryMs = firstRetryMs
    let told: string | undefined
    while (!signal.aborted) {
      let waitMs = lookAgainMs
      try {
        const read = await embedPassages(deps, { ...rest, signal })
        if (read > 0 && !signal.aborted) await onCaughtUp()
        retryMs = firstRetryMs
        told = undefined
      } catch (error) {
        const { message } = error as Error
        if (message !== told) onError(error)
        told = message
        waitMs = retryMs
        retryMs = Math.min(lastRetryMs, 2 * retryMs)
      }
      await setTimeout(waitMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  const done = run()
  return {
    async close() {
      stop.abort()
      await done
    },
  }
}
