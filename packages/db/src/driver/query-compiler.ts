import {
  type CompiledQuery,
  type OperationNode,
  PostgresQueryCompiler,
  type QueryId,
  type RootOperationNode,
} from 'kysely'
import { planWrite, type WritePlan } from '../dependencies/write-plan.ts'

const plans = new WeakMap<OperationNode, WritePlan>()

/** The plan of a write whose result carries the keys of its rows behind its own columns. */
export function writePlanOf(query: OperationNode): WritePlan | undefined {
  return plans.get(query)
}

/** PostgreSQL's compiler, except that a write also returns its rows' keys: the cache must know which rows changed. */
export class ExtropyQueryCompiler extends PostgresQueryCompiler {
  override compileQuery(node: RootOperationNode, queryId: QueryId): CompiledQuery {
    const plan = planWrite(node)
    if (plan === undefined || plan.facts.keys.length === 0) return super.compileQuery(node, queryId)
    plans.set(node, plan)
    // For Kysely it stays the query that it was: with a RETURNING only where it had one.
    return { ...super.compileQuery(plan.returning, queryId), query: node }
  }
}
