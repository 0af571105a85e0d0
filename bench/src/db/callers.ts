import { execFileSync } from 'node:child_process'
import { readSamples } from '@extropy/api/testing/reads'
import { hotRead } from '@extropy/db'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { recordRounds } from '../ratio.ts'
import { type Measurement, skip } from '../results.ts'
import { type GeneratedDatabase, onServer } from './generated-database.ts'
import { type Load, median, printTable, underLoad } from './measure.ts'

/** What stock Kysely sees of the tables. */
interface Tables {
  users: { id: string; username: string; display_name: string; extropy_balance: string }
  cards: { id: string; user_id: string; title: string }
  attributions: { id: string; source_card_id: string; target_card_id: string; type: string }
}

const findUser = hotRead('bench.findUser', (db, input: { id: string }) =>
  db.selectFrom('users').select(['id', 'username', 'displayName', 'extropyBalance']).where('id', '=', input.id),
)

const findAttribution = hotRead('bench.findAttribution', (db, input: { id: string }) =>
  db
    .selectFrom('attributions')
    .innerJoin('cards as source', 'source.id', 'attributions.sourceCardId')
    .innerJoin('cards as target', 'target.id', 'attributions.targetCardId')
    .innerJoin('users', 'users.id', 'target.userId')
    .select(['attributions.id', 'attributions.type', 'source.title as sourceTitle', 'target.title', 'users.username'])
    .where('attributions.id', '=', input.id),
)

const slowRead = hotRead('bench.slowRead', (db, input: { seconds: number }) =>
  db.selectNoFrom(sql<string>`pg_sleep(${input.seconds})::text`.as('slept')),
)

/** Ends as `dropDatabasesOf` expects, for runs that are stopped. */
const pgbenchDatabase = `extropy_bench_pgbench_${process.pid}`

interface CallersOptions {
  readonly seconds: number
  readonly rounds: number
  readonly pgbench: string
  readonly callerCounts: readonly number[]
  /** Whether to measure what slow statements cost the look-ups, too. */
  readonly besideSlow: boolean
}

/** Look-ups through this package, through stock Kysely on `pg`, and by pgbench, in turn, several rounds. */
export async function benchCallers(
  database: GeneratedDatabase,
  { seconds, rounds, pgbench, callerCounts, besideSlow }: CallersOptions,
): Promise<void> {
  const samples = await readSamples(database.db, 500)
  const at = (n: number) => samples[n % samples.length] as (typeof samples)[0]
  const stock = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
  })
  const stockUser = (n: number) =>
    stock
      .selectFrom('users')
      .select(['id', 'username', 'display_name', 'extropy_balance'])
      .where('id', '=', at(n).userId)
      .execute()
  const stockJoin = (n: number) =>
    stock
      .selectFrom('attributions')
      .innerJoin('cards as source', 'source.id', 'attributions.source_card_id')
      .innerJoin('cards as target', 'target.id', 'attributions.target_card_id')
      .innerJoin('users', 'users.id', 'target.user_id')
      .select([
        'attributions.id',
        'attributions.type',
        'source.title as source_title',
        'target.title',
        'users.username',
      ])
      .where('attributions.id', '=', at(n).attributionId)
      .execute()
  const bench = await preparePgbench(database.url, pgbench)

  for (const callers of callerCounts) {
    const measured = { pgbench: [] as number[], ours: [] as number[], stock: [] as number[] }
    const join = { ours: [] as number[], stock: [] as number[] }
    const ways = {
      ours: (n: number) => findUser(database.db, { id: at(n).userId }),
      stock: stockUser,
      ourJoin: (n: number) => findAttribution(database.db, { id: at(n).attributionId }),
      stockJoin,
    }
    for (const way of Object.values(ways)) await underLoad(callers, 0.3, way)
    for (let round = 0; round < rounds; round++) {
      measured.pgbench.push(bench(callers, seconds))
      measured.ours.push((await underLoad(callers, seconds, ways.ours)).perSecond)
      measured.stock.push((await underLoad(callers, seconds, ways.stock)).perSecond)
      join.ours.push((await underLoad(callers, seconds, ways.ourJoin)).perSecond)
      join.stock.push((await underLoad(callers, seconds, ways.stockJoin)).perSecond)
    }
    recordCallers(callers, measured, join)
    const [reference, ours, plain] = [median(measured.pgbench), median(measured.ours), median(measured.stock)]
    printTable([
      {
        [`${callers} callers`]: 'pgbench -M prepared -S',
        'per second': Math.round(reference),
        'against pgbench': 1,
        'against stock Kysely': (reference / plain).toFixed(2),
      },
      {
        [`${callers} callers`]: 'primary key, this package',
        'per second': Math.round(ours),
        'against pgbench': (ours / reference).toFixed(2),
        'against stock Kysely': (ours / plain).toFixed(2),
      },
      {
        [`${callers} callers`]: 'primary key, stock Kysely on pg',
        'per second': Math.round(plain),
        'against pgbench': (plain / reference).toFixed(2),
        'against stock Kysely': 1,
      },
      {
        [`${callers} callers`]: '4-table join, this package',
        'per second': Math.round(median(join.ours)),
        'against pgbench': '',
        'against stock Kysely': (median(join.ours) / median(join.stock)).toFixed(2),
      },
      {
        [`${callers} callers`]: '4-table join, stock Kysely on pg',
        'per second': Math.round(median(join.stock)),
        'against pgbench': '',
        'against stock Kysely': 1,
      },
    ])
  }
  await stock.destroy()
  await onServer(database.url, `drop database if exists ${pgbenchDatabase} with (force)`)
  if (!besideSlow) return skip('look-ups beside slow statements', 'in a quick run')
  await besideSlowOnes(database, { seconds, rounds }, (n) => findUser(database.db, { id: at(n).userId }))
}

interface CallersRounds {
  readonly pgbench: readonly number[]
  readonly ours: readonly number[]
  readonly stock: readonly number[]
}

function recordCallers(at: number, key: CallersRounds, join: Omit<CallersRounds, 'pgbench'>): void {
  const measured = { suite: 'db', unit: 'calls/s', at, atUnit: 'callers' }
  const ours = '@extropy/db'
  const stock = 'stock Kysely on pg'
  const add = (name: string, contender: string, rounds: readonly number[], rest: AddedTo = {}) =>
    recordRounds({ ...measured, name: `${name}, ${at} callers`, contender, rounds, ...rest })
  if (!key.pgbench.some(Number.isNaN)) {
    add('primary key', 'pgbench -M prepared -S', key.pgbench, { limit: true })
    const against = { contender: 'pgbench -M prepared -S', rounds: key.pgbench }
    add('primary key against pgbench', ours, key.ours, { against })
  }
  add('primary key', ours, key.ours, { against: { contender: stock, rounds: key.stock } })
  add('primary key', stock, key.stock)
  add('4-table join', ours, join.ours, { against: { contender: stock, rounds: join.stock } })
  add('4-table join', stock, join.stock)
}

type AddedTo = Pick<Measurement, 'limit'> & Pick<Parameters<typeof recordRounds>[0], 'against'>

/** The look-ups alone, and beside callers whose statements take 200 ms: on the pool, and declared hot by mistake. */
async function besideSlowOnes(
  { db }: GeneratedDatabase,
  { seconds, rounds }: { seconds: number; rounds: number },
  lookUp: (n: number) => Promise<unknown>,
): Promise<void> {
  const withSlow = async (slow: () => Promise<unknown>) => {
    let isOver = false
    const slowOnes = Array.from({ length: 4 }, async () => {
      while (!isOver) await slow()
    })
    const load = await underLoad(16, seconds, lookUp)
    isOver = true
    await Promise.all(slowOnes)
    return load
  }
  const ways = {
    alone: () => underLoad(16, seconds, lookUp),
    'beside 4 callers of a 200 ms statement': () => withSlow(() => sql`select pg_sleep(0.2)`.execute(db)),
    'the same, declared hot by mistake': () => withSlow(() => slowRead(db, { seconds: 0.2 })),
  }
  const loads = Object.values(ways).map((): Load[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, way] of Object.values(ways).entries()) loads[at]?.push(await way())
  }
  const p99Rounds = (at: number) => loads[at]?.map(({ p99Ms }) => p99Ms) ?? []
  for (const [at, contender] of Object.keys(ways).entries()) {
    const against = at === 0 ? undefined : { contender: 'alone', rounds: p99Rounds(0) }
    const name = 'p99 of a primary-key look-up, 16 callers'
    recordRounds({ suite: 'db', name, contender, unit: 'ms', rounds: p99Rounds(at), against })
  }
  const p99 = (at: number) => median(loads[at]?.map(({ p99Ms }) => p99Ms) ?? [])
  printTable(
    Object.keys(ways).map((name, at) => ({
      'primary key, 16 callers': name,
      'per second': Math.round(median(loads[at]?.map(({ perSecond }) => perSecond) ?? [])),
      'p50 ms': median(loads[at]?.map(({ p50Ms }) => p50Ms) ?? []).toFixed(3),
      'p99 ms': p99(at).toFixed(3),
      'p99 against alone': (p99(at) / p99(0)).toFixed(2),
    })),
  )
}

async function preparePgbench(url: string, command: string): Promise<(clients: number, seconds: number) => number> {
  await onServer(url, `drop database if exists ${pgbenchDatabase} with (force)`)
  await onServer(url, `create database ${pgbenchDatabase}`)
  const { hostname, port, username, password } = new URL(url)
  const pgbench = (args: string[]): string => {
    const [program = 'pgbench', ...prefix] = command.split(' ')
    const target = ['-h', hostname, '-p', port || '5432', '-U', username || 'postgres', pgbenchDatabase]
    return execFileSync(program, [...prefix, ...args, ...target], {
      env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
  }
  try {
    pgbench(['-i', '-s', '10', '-q'])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    skip('pgbench', `there is no ${command}: name it with --pgbench COMMAND`)
    return () => Number.NaN
  }
  return (clients, seconds) => {
    const output = pgbench([
      '-n',
      '-M',
      'prepared',
      '-S',
      '-c',
      String(clients),
      '-j',
      '2',
      '-T',
      String(Math.ceil(seconds)),
    ])
    return Number(/tps = ([\d.]+)/.exec(output)?.[1])
  }
}
