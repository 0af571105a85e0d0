import type { Kysely, KyselyPlugin, QueryId } from 'kysely'

const signals = new WeakMap<QueryId, AbortSignal>()

class SignalPlugin implements KyselyPlugin {
  readonly signal: AbortSignal
  constructor(signal: AbortSignal) {
    this.signal = signal
  }
  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    signals.set(queryId, this.signal)
    return node
  }
  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }
}

/**
 * The same database, for one caller: when the signal aborts, its waits for a connection end, what it runs is cancelled on
 * the server, and its calls reject with the signal's reason. Transactions begun on it are rolled back.
 *
 * @example getCard(withSignal(db, AbortSignal.timeout(5000)), input)
 */
export function withSignal<DB>(db: Kysely<DB>, signal: AbortSignal): Kysely<DB> {
  return db.withPlugin(new SignalPlugin(signal))
}

/** The signal under which a query was built. */
export function signalOf(queryId: QueryId): AbortSignal | undefined {
  return signals.get(queryId)
}

/** Carries the signal over to a query that is not built anew for each call. */
export function copySignal<DB>(db: Kysely<DB>, queryId: QueryId): void {
  for (const plugin of db.getExecutor().plugins) {
    if (plugin instanceof SignalPlugin) signals.set(queryId, plugin.signal)
  }
}
