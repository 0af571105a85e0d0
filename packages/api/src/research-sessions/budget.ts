import type { ResearchBudget } from '@extropy/db'
import { spend } from './outputs.ts'
import type { ResearchContext } from './research-run.ts'

/**
 * A session's budget. Requests and tokens are set aside in the database before they are used, and what was not used is given back:
 * a run that is killed in between leaves them spent. Seconds pass from the start of the first run, also while nobody runs.
 */
export interface Budget {
  /** Aborts when the seconds are over, and with the job. */
  readonly signal: AbortSignal
  hasTime(): boolean
  /** Sets aside as many of `most` as there are. */
  setAside(of: 'requests' | 'tokens', most: number): Promise<number>
  giveBack(of: 'requests' | 'tokens', unused: number): Promise<void>
}

interface Session {
  readonly id: string
  readonly budget: ResearchBudget
}

export function createBudget({ signal, write }: ResearchContext, { id, budget }: Session, startedAt: number): Budget {
  const leftMs = () => startedAt + budget.seconds * 1000 - Date.now()
  return {
    signal: AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, leftMs()))]),
    hasTime: () => leftMs() > 0,
    setAside: (of, most) =>
      write(async (trx) => {
        const session = await trx
          .selectFrom('researchSessions')
          .select('spent')
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirstOrThrow()
        const granted = Math.max(0, Math.min(most, budget[of] - session.spent[of]))
        if (granted > 0) await spend(trx, id, { [of]: granted })
        return granted
      }),
    giveBack: (of, unused) => write((trx) => spend(trx, id, { [of]: -unused })),
  }
}
