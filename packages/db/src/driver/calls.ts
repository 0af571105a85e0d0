import type { Kysely, KyselyPlugin, QueryId, Transaction } from 'kysely'
import type { CallRecorder, Touched } from '../dependencies/recorder.ts'

/** On whose behalf a query runs. */
export interface Call {
  /** See `withSignal`. */
  readonly signal?: AbortSignal | undefined
  /** Told of what the query reads and changes. */
  readonly recorder?: CallRecorder | undefined
  /** Told how long the call waited for a connection, and for its answers. */
  readonly timing?: DatabaseTiming | undefined
  /** See `withCascadesDone`. */
  readonly cascadesDone?: true
  /** See `withTouched`. */
  readonly touched?: readonly Touched[] | undefined
}

/** Sums over all the queries of a call, in milliseconds. */
export interface DatabaseTiming {
  poolMs: number
  queryMs: number
  queries: number
}

/** On the id itself: a WeakMap with an entry for each query is what the garbage collector would spend its time on. */
const callKey = Symbol('call')
type CallCarrier = { [callKey]?: Call }

class CallPlugin implements KyselyPlugin {
  readonly call: Call
  constructor(call: Call) {
    this.call = call
  }
  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    addCall(queryId, this.call)
    return node
  }
  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }
}

function addCall(queryId: QueryId, call: Call): void {
  const carrier = queryId as CallCarrier
  const before = carrier[callKey]
  carrier[callKey] = before === undefined ? call : { ...before, ...call }
}

/** The same database, on behalf of one call. */
export function withCall<DB>(db: Kysely<DB>, call: Call): Kysely<DB> {
  return db.withPlugin(new CallPlugin(call))
}

/**
 * The same database, for one caller: when the signal aborts, its waits for a connection end, what it runs is cancelled on
 * the server, and its calls reject with the signal's reason. Transactions begun on it are rolled back.
 *
 * @example getCard(withSignal(db, AbortSignal.timeout(5000)), input)
 */
export function withSignal<DB>(db: Kysely<DB>, signal: AbortSignal): Kysely<DB> {
  return db.withPlugin(new CallPlugin({ signal }))
}

/**
 * The same database or transaction, for one statement whose effects Kysely cannot see, such as a call of a function that
 * writes: it changes these rows, and no others.
 */
export function withTouched<DB>(db: Kysely<DB>, touched: readonly Touched[]): Kysely<DB> {
  return db.withPlugin(new CallPlugin({ touched }))
}

/**
 * The same transaction, for a DELETE all of whose dependent rows have been removed or let go before, with the row locked:
 * no row elsewhere goes with it, and so no answer that shows one.
 */
export function withCascadesDone<DB>(trx: Transaction<DB>): Kysely<DB> {
  return trx.withPlugin(new CallPlugin({ cascadesDone: true }))
}

/** On whose behalf a query was built. */
export function callOf(queryId: QueryId): Call | undefined {
  return (queryId as CallCarrier)[callKey]
}

/** Carries the call over to a query that is not built anew for each one. */
export function copyCall<DB>(db: Kysely<DB>, queryId: QueryId): void {
  for (const plugin of db.getExecutor().plugins) if (plugin instanceof CallPlugin) addCall(queryId, plugin.call)
}

/** On whose behalf queries of this database run: for a statement that does the work of several calls at once. */
export function callBehind<DB>(db: Kysely<DB>): Call {
  const plugins = db.getExecutor().plugins.filter((plugin) => plugin instanceof CallPlugin)
  return Object.assign({}, ...plugins.map(({ call }) => call))
}
