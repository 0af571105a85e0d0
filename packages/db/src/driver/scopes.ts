import type { Kysely, KyselyPlugin, QueryId, Transaction } from 'kysely'
import type { QueryRecorder, Touched } from '../dependencies/recorder.ts'
import type { ReadSource } from '../replication/replicas.ts'

/** The call that a query runs for. */
export interface QueryScope {
  /** See `withSignal`. */
  readonly signal?: AbortSignal | undefined
  /** Records the query's reads and changes. */
  readonly recorder?: QueryRecorder | undefined
  /** Adds up the call's waits for connections and for results. */
  readonly timing?: DatabaseTiming | undefined
  /** See `withCascadesDone`. */
  readonly cascadesDone?: true
  /** See `withTouched`. */
  readonly touched?: readonly Touched[] | undefined
  /** Connections to a replica, for a call that only reads. Default: the primary's. */
  readonly source?: ReadSource | undefined
  /** Looked at before every commit of a transaction that these queries are in. */
  readonly commitGuard?: CommitGuard | undefined
}

/** A statement that a transaction ends with: where it returns no row, all is rolled back. */
export interface CommitGuard {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** The error of a transaction that is refused. */
  readonly refusal: () => Error
}

/** Sums over all the queries of a call, in milliseconds. */
export interface DatabaseTiming {
  poolMs: number
  queryMs: number
  queries: number
}

/** Kept on the id itself: a WeakMap with an entry for each query would cost the garbage collector too much. */
const scopeKey = Symbol('scope')
type ScopeCarrier = { [scopeKey]?: QueryScope }

class ScopePlugin implements KyselyPlugin {
  readonly scope: QueryScope
  constructor(scope: QueryScope) {
    this.scope = scope
  }
  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    addScope(queryId, this.scope)
    return node
  }
  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }
}

function addScope(queryId: QueryId, scope: QueryScope): void {
  const carrier = queryId as ScopeCarrier
  const before = carrier[scopeKey]
  carrier[scopeKey] = before === undefined ? scope : { ...before, ...scope }
}

/** The same database, on behalf of one call. */
export function withScope<DB>(db: Kysely<DB>, scope: QueryScope): Kysely<DB> {
  return db.withPlugin(new ScopePlugin(scope))
}

/**
 * The same database, for one caller: when the signal aborts, its waits for a connection end, its statements are cancelled on
 * the server, and its calls reject with the signal's reason. Transactions begun on it are rolled back.
 *
 * @example getCard(withSignal(db, AbortSignal.timeout(5000)), input)
 */
export function withSignal<DB>(db: Kysely<DB>, signal: AbortSignal): Kysely<DB> {
  return db.withPlugin(new ScopePlugin({ signal }))
}

/**
 * The same database or transaction, for one statement whose effects Kysely cannot see, such as a call of a function that
 * writes: it changes these rows, and no others.
 */
export function withTouched<DB>(db: Kysely<DB>, touched: readonly Touched[]): Kysely<DB> {
  return db.withPlugin(new ScopePlugin({ touched }))
}

/**
 * The same transaction, for a DELETE all of whose dependent rows have been removed or let go before, with the row locked:
 * no row elsewhere goes with it, and so no answer that shows one.
 */
export function withCascadesDone<DB>(trx: Transaction<DB>): Kysely<DB> {
  return trx.withPlugin(new ScopePlugin({ cascadesDone: true }))
}

/** The scope that a query was built with. */
export function scopeOf(queryId: QueryId): QueryScope | undefined {
  return (queryId as ScopeCarrier)[scopeKey]
}

/** Carries the call over to a query that is not built anew for each one. */
export function copyScope<DB>(db: Kysely<DB>, queryId: QueryId): void {
  for (const plugin of db.getExecutor().plugins) if (plugin instanceof ScopePlugin) addScope(queryId, plugin.scope)
}

/** The scope of this database's queries, for a statement that does the work of several calls at once. */
export function scopeBehind<DB>(db: Kysely<DB>): QueryScope {
  const plugins = db.getExecutor().plugins.filter((plugin) => plugin instanceof ScopePlugin)
  return Object.assign({}, ...plugins.map(({ scope }) => scope))
}
