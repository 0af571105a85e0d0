import { setTimeout } from 'node:timers/promises'
import {
  AbortedTransactionError,
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  type Driver,
  IdentifierNode,
  type QueryCompiler,
  type QueryResult,
  RawNode,
  type TransactionSettings,
} from 'kysely'
import type pg from 'pg'
import { assertDeclared, planRead } from '../dependencies/read-plan.ts'
import { planWrite, type WritePlan } from '../dependencies/write-plan.ts'
import { DatabaseUnavailableError, isStalePlan, sqlState, sqlStates, translateUnavailable } from '../pg-errors.ts'
import type { CancelTarget } from './cancel.ts'
import { hotReadName } from './hot-read.ts'
import { type Lane, LaneLeftError } from './lane.ts'
import type { ConnectionPool } from './pool.ts'
import { writePlanOf } from './query-compiler.ts'
import { toRows, withoutLastColumns } from './result-rows.ts'
import { type CommitGuard, type QueryScope, scopeOf } from './scopes.ts'
import type { StatementNames } from './statement-names.ts'

export interface DriverParts {
  readonly pool: ConnectionPool
  /** Undefined: statements are never prepared by name. */
  readonly statementNames: StatementNames | undefined
  readonly lane: Lane | undefined
  /** Undefined where a running statement can't be stopped. */
  readonly cancel: ((target: CancelTarget) => Promise<void>) | undefined
  readonly onQuery: ((query: CompiledQuery) => void) | undefined
  /** Called with errors about the server's own state. */
  readonly onUnavailable: (error: DatabaseUnavailableError) => void
}

/**
 * Kysely's driver for `pg`: statements that are hot are prepared by name, declared hot reads share the lane, and a
 * connection is taken from the pool only when the first statement needs one.
 */
export class ExtropyDriver implements Driver {
  readonly #parts: DriverParts
  constructor(parts: DriverParts) {
    this.#parts = parts
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new LazyConnection(this.#parts)
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ;(connection as LazyConnection).release()
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const { isolationLevel, accessMode } = settings
    const parts = [isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean).join(', ')
    ;(connection as LazyConnection).begin(`begin ${parts}`.trim())
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as LazyConnection).end('commit')
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as LazyConnection).end('rollback')
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await connection.executeQuery(compileSavepoint('savepoint', name, compile))
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compileSavepoint('rollback to', name, compile))
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compileSavepoint('release', name, compile))
  }

  async destroy(): Promise<void> {
    await this.#parts.lane?.close()
    await this.#parts.pool.close()
  }
}

function compileSavepoint(command: string, name: string, compile: QueryCompiler['compileQuery']): CompiledQuery {
  return compile(
    RawNode.createWithChildren([RawNode.createWithSql(`${command} `), IdentifierNode.create(name)]),
    createQueryId(),
  )
}

/** How long a cancelled statement has to end before it is cancelled once more. */
const cancelEveryMs = 25

/** One caller's connection, from its first statement that needs one of its own to its release. */
class LazyConnection implements DatabaseConnection {
  readonly #parts: DriverParts
  #client: pg.PoolClient | undefined
  /** The pool that the client is from. */
  #pool: ConnectionPool
  #broken = false
  /** `begin …` until it has been sent; empty while it holds; undefined outside of a transaction. */
  #transaction: string | undefined
  #commitGuard: CommitGuard | undefined
  /** Primary keys of the rows inserted in this transaction, by table: nobody else has seen them yet. */
  readonly #inserted = new Map<string, Set<unknown>>()

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.#pool = parts.pool
  }

  async executeQuery<Row>(compiled: CompiledQuery): Promise<QueryResult<Row>> {
    this.#parts.onQuery?.(compiled)
    const scope = scopeOf(compiled.queryId)
    scope?.signal?.throwIfAborted()
    if (scope?.commitGuard !== undefined) this.#guardWith(scope.commitGuard, compiled)
    if (scope?.recorder !== undefined && scope.touched === undefined) assertDeclared(compiled.query)
    const startedAt = scope?.timing === undefined ? 0 : performance.now()
    const { poolMs = 0 } = scope?.timing ?? {}
    try {
      return this.#take(compiled, await this.#answer(compiled, scope), scope)
    } catch (error) {
      // It may have been done all the same.
      if (error instanceof DatabaseUnavailableError) {
        if (scope?.touched === undefined) scope?.recorder?.addFailed(compiled.query)
        else scope.recorder?.addTouched(scope.touched)
      }
      throw error
    } finally {
      if (scope?.timing !== undefined) {
        scope.timing.queryMs += performance.now() - startedAt - (scope.timing.poolMs - poolMs)
        scope.timing.queries += 1
      }
    }
  }

  async #answer(
    { sql, parameters, query }: CompiledQuery,
    scope: QueryScope | undefined,
  ): Promise<pg.QueryArrayResult> {
    const values = parameters as unknown[]
    const hotRead = hotReadName(query)
    const { statementNames } = this.#parts
    const { lane } = scope?.source ?? this.#parts
    const name = statementNames?.nameOf(sql, hotRead)
    const mayShare = this.#client === undefined && this.#transaction === undefined
    if (hotRead !== undefined && name !== undefined && mayShare && lane?.takes(hotRead)) {
      try {
        // Not to be cancelled, and over before it could be.
        const answer = await lane.query(hotRead, { name, text: sql, values })
        scope?.signal?.throwIfAborted()
        return answer
      } catch (error) {
        if (!(error instanceof LaneLeftError)) throw error
        if (isStalePlan(error.cause)) statementNames?.renew(sql)
      }
    }
    return this.#run({ text: sql, values, name, signal: scope?.signal }, scope)
  }

  // biome-ignore lint/correctness/useYield: refused, whatever it is asked for.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Streaming is not supported: page by key instead.')
  }

  begin(statement: string): void {
    this.#transaction = statement
  }

  /** @throws AbortedTransactionError where a failed statement turned the commit into a rollback. */
  async end(command: 'commit' | 'rollback'): Promise<void> {
    const begun = this.#transaction === ''
    // Whoever is refused rolls back: Kysely does, after an error.
    if (command === 'commit' && begun) await this.#passGuard()
    this.#inserted.clear()
    this.#commitGuard = undefined
    this.#transaction = undefined
    if (!begun || this.#client === undefined) return
    try {
      const result = await this.#client.query(command)
      if (command === 'commit' && result.command === 'ROLLBACK') throw new AbortedTransactionError()
    } catch (error) {
      if (error instanceof AbortedTransactionError) throw error
      // A connection that is gone has rolled back.
      if (command === 'rollback' && this.#broken) return
      this.#broken = true
      throw this.#translate(error)
    }
  }

  #guardWith(guard: CommitGuard, { query, sql }: CompiledQuery): void {
    if (this.#transaction !== undefined) this.#commitGuard = guard
    else if (planWrite(query) !== undefined || planRead(query).writes.length > 0)
      throw new TypeError(`Change this in a transaction, whose commit can be refused: ${sql.slice(0, 200)}`)
  }

  async #passGuard(): Promise<void> {
    const guard = this.#commitGuard
    if (guard === undefined) return
    const { sql: text, parameters, refusal } = guard
    const passed = await this.#run({ text, values: [...parameters], name: undefined, signal: undefined }, undefined)
    if (passed.rows.length === 0) throw refusal()
  }

  release(): void {
    if (this.#client) this.#pool.release(this.#client, this.#broken)
    this.#client = undefined
  }

  async #run(statement: Statement, scope: QueryScope | undefined): Promise<pg.QueryArrayResult> {
    const { signal } = statement
    const { timing, source } = scope ?? {}
    if (this.#client === undefined) {
      this.#pool = source?.pool ?? this.#parts.pool
      const startedAt = performance.now()
      try {
        this.#client = await this.#pool.acquire(signal)
      } finally {
        if (timing !== undefined) timing.poolMs += performance.now() - startedAt
      }
    }
    const client = this.#client
    try {
      if (this.#transaction) {
        await client.query(this.#transaction)
        this.#transaction = ''
      }
      return await (signal ? this.#cancellable(client, statement, signal) : this.#send(client, statement))
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** A connection that has once told of such a state is not used again: the next one may lead to a server that works. */
  #translate(error: unknown): unknown {
    const translated = translateUnavailable(error)
    if (translated instanceof DatabaseUnavailableError) {
      this.#broken = true
      // A replica takes no writes, and its disk is another one.
      if (this.#pool === this.#parts.pool) this.#parts.onUnavailable(translated)
    }
    return translated
  }

  async #send(client: pg.PoolClient, { text, values, name }: Statement): Promise<pg.QueryArrayResult> {
    if (name === undefined) return client.query({ text, values, rowMode: 'array' })
    try {
      return await client.query({ name, text, values, rowMode: 'array' })
    } catch (error) {
      // The table has changed under a prepared statement. Inside a transaction it is too late to try again.
      if (!isStalePlan(error)) throw error
      this.#parts.statementNames?.renew(text)
      if (this.#transaction !== undefined) throw error
      return client.query({ text, values, rowMode: 'array' })
    }
  }

  /** Waits for the statement to end even after an abort: only then may the connection be used again. */
  async #cancellable(client: pg.PoolClient, statement: Statement, signal: AbortSignal): Promise<pg.QueryArrayResult> {
    signal.throwIfAborted()
    let isRunning = true
    let cancelled: Promise<void> | undefined
    const cancel = async () => {
      // Again until it has ended: a request that overtakes its statement finds nothing to cancel.
      while (isRunning && this.#parts.cancel) {
        await this.#parts.cancel(cancelTarget(client))
        if (isRunning) await setTimeout(cancelEveryMs)
      }
    }
    const onAbort = () => {
      cancelled = cancel()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#send(client, statement)
    } catch (error) {
      if (signal.aborted && sqlState(error) === sqlStates.queryCanceled) throw signal.reason
      throw error
    } finally {
      isRunning = false
      signal.removeEventListener('abort', onAbort)
      // Or it would reach the connection's next user.
      await cancelled
    }
  }

  /** The rows, without the keys that the compiler added: those are for the recorder of the call's changes. */
  #take<Row>({ query, ...compiled }: CompiledQuery, result: pg.QueryArrayResult, scope: QueryScope | undefined) {
    // Several statements in one text have several results; the last one counts.
    const whole = Array.isArray(result) ? (result.at(-1) as pg.QueryArrayResult) : result
    const plan = writePlanOf(query)
    const [last, keys] = plan === undefined ? [whole, []] : withoutLastColumns(whole, plan.facts.keys.length)
    const isNew = plan !== undefined && this.#noteInserted(plan, keys)
    if (scope?.touched !== undefined) scope.recorder?.addTouched(scope.touched)
    else
      scope?.recorder?.addQuery(
        { query, ...compiled },
        last,
        plan && { plan, rows: keys, isNew, cascades: scope.cascadesDone !== true },
      )
    return this.#toResult<Row>(last)
  }

  /** Whether this very transaction has inserted all of these rows. */
  #noteInserted({ facts, kind, changed }: WritePlan, rows: readonly (readonly unknown[])[]): boolean {
    const at = facts.keys.indexOf(facts.primaryKey ?? '')
    if (this.#transaction === undefined || at === -1) return false
    const inserted = this.#inserted.get(facts.name) ?? new Set()
    this.#inserted.set(facts.name, inserted)
    // A row that an ON CONFLICT DO UPDATE returns may have been there before.
    if (kind === 'insert' && changed.size === 0) for (const row of rows) inserted.add(row[at])
    return kind === 'update' && rows.every((row) => inserted.has(row[at]))
  }

  #toResult<Row>(last: pg.QueryArrayResult): QueryResult<Row> {
    const { command, rowCount } = last
    const rows = toRows(last) as Row[]
    const changes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE'
    return changes ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
  }
}

interface Statement {
  readonly text: string
  readonly values: unknown[]
  readonly name: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Present on every connected `pg` client, though not in its types. */
function cancelTarget(client: pg.PoolClient): CancelTarget {
  const { host, port, processID, secretKey } = client as unknown as {
    host: string
    port: number
    processID: number
    secretKey: number
  }
  return { host, port, processId: processID, secretKey }
}
