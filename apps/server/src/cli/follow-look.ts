import type { Api } from './api.ts'

/** As the API shows them: no more than what is printed. */
export interface ShownSource {
  readonly id: string
  readonly platform: string
  readonly kind: string
  readonly label: string
  readonly title: string | null
  readonly status: 'active' | 'paused' | 'failing' | 'gone'
  readonly failures: number
  readonly lastOutcome: string | null
  readonly lastMessage: string | null
  readonly nextAt: string | null
  readonly nextReason: string | null
}

interface Look {
  readonly id: string
  readonly status: string
  readonly error: string | null
  readonly log: readonly { readonly at: string; readonly text: string }[]
  readonly result: { readonly outcome: string; readonly message: string; readonly contentIds: readonly string[] } | null
}

/** A stream ends early where its server stops: it goes on at the next one, or not at all. */
const connectAgainMs = 1000

/**
 * Shows a look at a source while it runs, each line of its log once (on a terminal in place of the one before), and what came of it.
 * Returns whether anything could be read.
 */
export async function followLook(api: Api, jobId: string, out: NodeJS.WriteStream): Promise<boolean> {
  const line = createLookLine(out)
  const look = await lastState(api, jobId, line.update)
  line.clear()
  const { result } = look
  if (look.status !== 'succeeded' || result === null) {
    out.write(`  failed: ${look.error ?? `the look was ${look.status}`}\n`)
    return false
  }
  const { outcome, message, contentIds } = result
  const count = `${contentIds.length} content${contentIds.length === 1 ? '' : 's'}`
  out.write(`  ${outcome}: ${message}${contentIds.length === 0 ? '' : ` ${count}.`}\n`)
  return outcome === 'ok' || outcome === 'unchanged' || outcome === 'empty'
}

async function lastState(api: Api, jobId: string, onLook: (look: Look) => void): Promise<Look> {
  for (;;) {
    for await (const event of api.events<{ type: string; job: Look }>(`/api/jobs/${jobId}/events`)) {
      if (event.job === undefined) continue
      onLook(event.job)
      if (event.type === 'done') return event.job
    }
    await new Promise((resolve) => setTimeout(resolve, connectAgainMs))
  }
}

function createLookLine(out: NodeJS.WriteStream) {
  const startedAt = performance.now()
  const shown = new Set<string>()
  return {
    update({ log, status }: Look): void {
      if (out.isTTY) {
        const seconds = Math.round((performance.now() - startedAt) / 1000)
        const said = log.at(-1)?.text ?? (status === 'queued' ? 'waits for its turn' : 'begins')
        out.write(`\r\x1b[K  ${said.slice(0, Math.max(20, (out.columns || 80) - 12))}  ${seconds} s`)
        return
      }
      for (const { at, text } of log) {
        if (!shown.has(`${at}${text}`) && text.startsWith('asking ')) out.write(`  ${text}\n`)
        shown.add(`${at}${text}`)
      }
    },
    clear() {
      if (out.isTTY) out.write('\r\x1b[K')
    },
  }
}

/** `in 2 hours, because …`, the same for a list and for one. */
export function whenNext({ nextAt, nextReason }: ShownSource, now = Date.now()): string {
  if (nextAt === null) return nextReason ?? 'never'
  const ms = Date.parse(nextAt) - now
  return `${ms <= 0 ? 'now' : `in ${inWords(ms)}`}${nextReason === null ? '' : `: ${nextReason}`}`
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'a minute'
  if (minutes < 90) return `${minutes} minute${minutes === 1 ? '' : 's'}`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
