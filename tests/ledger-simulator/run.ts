import { setTimeout } from 'node:timers/promises'
import { verifyLedger } from '@extropy/api'
import { createAccount, createTestDeps } from '@extropy/api/testing'
import { createTemplate, createTestDatabase, removeTemplate, type TestDatabase } from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { sql } from 'kysely'
import { Model, nextOperation, type Operation, type SimulatedUser, toTokens } from './model.ts'
import { createRandom } from './random.ts'
import { startSabotage } from './saboteur.ts'

export interface SimulationOptions {
  readonly serverUrl: string
  readonly ops: number
  readonly seed: number
  readonly onProgress?: (done: number) => void
}

export interface SimulationReport {
  /** Empty: the ledger equals the model. */
  readonly problems: readonly string[]
  readonly answered: number
  readonly refused: number
  /** Requests whose answer did not come, sent again under the same key. */
  readonly resent: number
  readonly serversKilled: number
  readonly deadlocks: number
  readonly killedConnections: number
  readonly movements: number
}

const callers = 24
/** One request in so many is aborted, after 0 to so many milliseconds, and sent again. */
const hangUpEvery = 23
const hangUpWithinMs = 20
const userCount = 24
const cardsPerUser = 12

/**
 * Real servers, two of them, on a database of its own: one reads committed, one is serializable. They are sent seeded
 * requests by many callers at once, some of whom hang up, and killed with SIGKILL on the way, while a saboteur makes
 * deadlocks and cuts connections. A request without an answer is sent again under its Idempotency-Key until it has one. Then the balances
 * must equal the sums of the answers, and the ledger must verify.
 */
export async function simulate({
  serverUrl,
  ops,
  seed,
  onProgress = () => {},
}: SimulationOptions): Promise<SimulationReport> {
  const template = await createTemplate(serverUrl)
  const database = await createTestDatabase(template)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => removeTemplate(template))
  cleanup.defer(() => database.close())
  await sql`alter database ${sql.id(new URL(database.url).pathname.slice(1))} set deadlock_timeout = '20ms'`.execute(
    database.db,
  )
  const random = createRandom(seed)
  const model = new Model()
  const users = await createUsers(database, model)
  const fleet = await startFleet(database.url)
  cleanup.defer(() => fleet.stop())
  const sabotage = await startSabotage(database.url, createRandom(seed + 1), users)
  cleanup.defer(() => sabotage.stop())
  const counts = { answered: 0, refused: 0, resent: 0 }
  let begun = 0
  const caller = async () => {
    while (begun < ops) {
      const number = begun++
      if (ops > 1 && number === Math.floor(ops / 3)) fleet.kill(0)
      if (number === Math.floor((2 * ops) / 3)) fleet.kill(1)
      const operation = nextOperation(random, users)
      const { status, attempts, text } = await sendUntilAnswered(
        () => fleet.anyUrl(number),
        operation,
        `sim-${seed}-${number}`,
        number % hangUpEvery === 0 ? number % hangUpWithinMs : undefined,
      )
      counts.resent += attempts - 1
      if (status === 200) {
        counts.answered++
        model.apply(operation)
      } else if ([400, 404, 409, 422].includes(status) && !text.includes('idempotency_key_reused')) counts.refused++
      else model.violations.push(`${operation.path} was answered with ${status}: ${text}`)
      if (number % 1000 === 0) onProgress(number)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  await sabotage.stop()
  await fleet.stop()
  const problems = [...model.violations, ...(await compare(database, model, users))]
  const { killedConnections } = sabotage
  const deadlocks = await countDeadlocks(database)
  return {
    problems,
    ...counts,
    serversKilled: fleet.killed(),
    deadlocks,
    killedConnections,
    movements: model.movements,
  }
}

async function createUsers(database: TestDatabase, model: Model): Promise<SimulatedUser[]> {
  const deps = await createTestDeps(database)
  const users: SimulatedUser[] = []
  for (let made = 0; made < userCount; made++) {
    const units = 1_000_000_000n
    const account = await createAccount(deps, { tokens: toTokens(units) })
    model.deposit(account.userId, units)
    const cardIds: string[] = []
    for (let card = 0; card < cardsPerUser; card++) {
      const { id } = await account.as().cards.draft({ title: `Card ${card}`, body: '', privacyLevel: 'IDEAS' })
      cardIds.push(id)
    }
    users.push({ userId: account.userId, key: account.key, cardIds })
  }
  return users
}

/**
 * Two servers that come back when they are killed. The saboteur also cuts connections of a server that is starting, which
 * then ends with an error: it is started again, as a supervisor would.
 */
async function startFleet(url: string) {
  const serializable = new URL(url)
  serializable.searchParams.set('options', '-c default_transaction_isolation=serializable')
  const settings = [url, serializable.href].map((DATABASE_URL) => ({ DATABASE_URL, LOG_LEVEL: 'fatal' }))
  const servers = await Promise.all(settings.map((env) => startServer(env)))
  const restarts: Promise<void>[] = []
  let lost: unknown
  const restart = async (at: number, triesLeft: number): Promise<void> => {
    try {
      servers[at] = await startServer(settings[at] as Record<string, string>)
    } catch (error) {
      if (triesLeft > 0) return restart(at, triesLeft - 1)
      lost = error
    }
  }
  return {
    /** Throws when a server could not be brought back, so that nobody waits for it. */
    anyUrl(n: number) {
      if (lost !== undefined) throw lost
      return servers[n % servers.length]?.url as string
    },
    killed: () => restarts.length,
    kill(at: number) {
      servers[at]?.child.kill('SIGKILL')
      restarts.push(restart(at, 9))
    },
    async stop() {
      await Promise.all(restarts)
      for (const { child } of servers) child.kill('SIGKILL')
      await Promise.all(servers.map(({ exit }) => exit()))
    },
  }
}

async function sendUntilAnswered(
  urlNow: () => string,
  { user, path, body }: Operation,
  idempotencyKey: string,
  hangUpAfterMs: number | undefined,
) {
  for (let attempts = 1; ; attempts++) {
    const url = urlNow()
    try {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${user.key}`,
          'idempotency-key': idempotencyKey,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(attempts === 1 && hangUpAfterMs !== undefined ? { signal: AbortSignal.timeout(hangUpAfterMs) } : {}),
      })
      const text = await response.text()
      if (response.status !== 503) return { status: response.status, attempts, text }
    } catch {
      // The server was killed under it, or it was hung up on: whether it had its effect, only the same key can tell.
    }
    await setTimeout(20)
  }
}

async function countDeadlocks({ db }: TestDatabase): Promise<number> {
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks::float8 from pg_stat_database where datname = current_database()`.execute(db)
  return rows[0]?.deadlocks ?? 0
}

async function compare({ db }: TestDatabase, model: Model, users: readonly SimulatedUser[]): Promise<string[]> {
  const problems = [...(await verifyLedger(db)).problems]
  const rows = await db.selectFrom('users').select(['id', 'extropyBalance']).execute()
  const held = new Map(rows.map(({ id, extropyBalance }) => [id, extropyBalance]))
  for (const { userId } of users) {
    const expected = toTokens(model.balances.get(userId) ?? 0n)
    if (held.get(userId) !== expected)
      problems.push(`account ${userId} holds ${held.get(userId)}, the model ${expected}`)
  }
  const { count } = await db
    .selectFrom('extropyLedger')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) !== model.movements) problems.push(`the ledger has ${count} rows, the model ${model.movements}`)
  return problems
}
