import type { Budget } from '../budget.ts'
import type { ResearchContext, Step } from '../research-run.ts'
import type { FetchedTarget } from '../research-sessions.schema.ts'

export interface Fetched extends FetchedTarget {
  readonly leftOut?: string
}

interface Options {
  readonly step: Step
  readonly budget: Budget
  readonly session: { readonly targets: readonly string[] }
}

/** Requests that one target may take: robots.txt, the page, its feed, and redirects of these. */
const requestsOfTarget = 10

/** Takes in what the session names, target by target. What refuses is said in the report, and holds nothing up. */
export async function fetchTargets(
  context: ResearchContext,
  { step, budget, session: { targets } }: Options,
): Promise<Fetched[]> {
  const fetched: Fetched[] = []
  for (const target of targets) {
    fetched.push(
      await step(
        `fetch ${target}`.slice(0, 200),
        () => fetchWithinBudget(context, budget, target),
        (result) => ({ outputs: { fetched: [...fetched, result].map(({ leftOut: _, ...shown }) => shown) } }),
      ),
    )
  }
  return fetched
}

async function fetchWithinBudget(_context: ResearchContext, budget: Budget, target: string): Promise<Fetched> {
  const nothing = { target, outcome: 'refused', contents: 0 }
  const without = (of: string): Fetched => {
    const leftOut = `${target} was not fetched: the session's ${of} were used up`
    return { ...nothing, message: 'The budget did not suffice.', leftOut }
  }
  if (!budget.hasTime()) return without('seconds')
  const requests = await budget.setAside('requests', requestsOfTarget)
  if (requests === 0) return without('requests')
  // Replaced by the scrape feature.
  return { ...nothing, message: 'Nothing can be fetched here.' }
}
