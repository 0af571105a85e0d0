import { planTarget, TargetError } from '@extropy/intake'
import { runRound } from '../../looks/run-round.ts'
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
const postsOfTarget = 20

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

async function fetchWithinBudget(context: ResearchContext, budget: Budget, target: string): Promise<Fetched> {
  const nothing = { target, outcome: 'refused', contents: 0 }
  const without = (of: string): Fetched => {
    const leftOut = `${target} was not fetched: the session's ${of} were used up`
    return { ...nothing, message: 'The budget did not suffice.', leftOut }
  }
  let planned: ReturnType<typeof planTarget>
  try {
    planned = planTarget(target)
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    return { ...nothing, message: error.message }
  }
  if (!budget.hasTime()) return without('seconds')
  const mostRequests = await budget.setAside('requests', requestsOfTarget)
  if (mostRequests === 0) return without('requests')
  const request = { target: planned, sourceId: null, limit: postsOfTarget, memory: {}, mostRequests }
  try {
    const { round, requests, contentIds } = await runRound({ ...context, signal: budget.signal }, request)
    await budget.giveBack('requests', mostRequests - requests)
    return { target, outcome: round.outcome, message: round.message, contents: contentIds.length }
  } catch (error) {
    context.signal.throwIfAborted()
    if (!budget.signal.aborted) throw error
    return without('seconds')
  }
}
