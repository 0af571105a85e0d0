import { isDeepStrictEqual } from 'node:util'
import { readSamples } from '@extropy/api/testing/reads'
import { hotRead } from '@extropy/db'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { hasProgram } from '../bench-case.ts'
import { type GeneratedDatabase, withDatabase } from '../databases.ts'
import { findGoal } from '../goals.ts'
import { underLoad } from '../load.ts'
import { pgbenchSelect } from '../pgbench.ts'
import { skip } from '../results.ts'
import { type Contender, type RoundOptions, runTrial, type Sample } from '../rounds.ts'

/** The tables as stock Kysely sees them. */
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
    .select(['attributions.id', 'type', 'source.title as sourceTitle', 'target.title', 'username'])
    .where('attributions.id', '=', input.id),
)

const slowRead = hotRead('bench.slowRead', (db, input: { seconds: number }) =>
  db.selectNoFrom(sql<string>`pg_sleep(${input.seconds})::text`.as('slept')),
)

const names = { ours: '@extropy/db', stock: 'stock Kysely on pg' }
type Read = (n: number) => Promise<readonly object[]>

/** Look-ups through this package, through Kysely's own PostgresDialect on a `pg` pool, as its guide begins, and by pgbench. */
export async function benchCallers(database: GeneratedDatabase, callerCounts: readonly number[], rounds: RoundOptions) {
  const { db, url } = database
  const samples = await readSamples(db, 500)
  const at = (n: number) => samples[n % samples.length] as (typeof samples)[0]
  const stock = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) })
  const reads: Record<string, { ours: Read; stock: Read }> = {
    'primary key': {
      ours: (n) => findUser(db, { id: at(n).userId }),
      stock: (n) =>
        stock
          .selectFrom('users')
          .select(['id', 'username', 'display_name as displayName', 'extropy_balance as extropyBalance'])
          .where('id', '=', at(n).userId)
          .execute(),
    },
    '4-table join': {
      ours: (n) => findAttribution(db, { id: at(n).attributionId }),
      stock: (n) =>
        stock
          .selectFrom('attributions')
          .innerJoin('cards as source', 'source.id', 'source_card_id')
          .innerJoin('cards as target', 'target.id', 'target_card_id')
          .innerJoin('users', 'users.id', 'target.user_id')
          .select(['attributions.id', 'type', 'source.title as sourceTitle', 'target.title', 'username'])
          .where('attributions.id', '=', at(n).attributionId)
          .execute(),
    },
  }
  const measure = async (limit?: (clients: number) => Contender) => {
    for (const [read, ways] of Object.entries(reads)) {
      if (!isDeepStrictEqual(await ways.ours(0), await ways.stock(0))) throw new Error(`${read}: the answers differ`)
      for (const callers of callerCounts) {
        const pgbench = read === 'primary key' && limit ? [limit(callers)] : []
        const goals = (to: string) => [findGoal(`${read}, ${callers} callers / ${to}`)]
        const contenders = (['ours', 'stock'] as const).map((way): Contender => {
          return { name: names[way], measure: (seconds) => underLoad(callers, seconds, ways[way]) }
        })
        await runTrial({
          suite: 'db',
          name: `${read}, ${callers} callers`,
          unit: 'calls/s',
          contenders: [...pgbench, ...contenders],
          comparisons: [
            { of: names.ours, to: names.stock, goals: goals('stock Kysely') },
            ...pgbench.map(({ name }) => ({ of: names.ours, to: name, goals: goals('pgbench') })),
          ],
          ...rounds,
        })
      }
    }
  }
  if (hasProgram('pgbench')) await withDatabase(url, 'pgbench', async (other) => measure(await pgbenchSelect(other)))
  else {
    skip('pgbench', 'it is not installed')
    await measure()
  }
  await stock.destroy()
}

/** The look-ups alone, and beside callers whose statements take 200 ms: on the pool, and declared hot by mistake. */
export async function benchBesideSlow({ db }: GeneratedDatabase, rounds: RoundOptions): Promise<void> {
  const samples = await readSamples(db, 500)
  const lookUps = async (seconds: number): Promise<Sample> => {
    const load = await underLoad(16, seconds, (n) => findUser(db, { id: samples[n % samples.length]?.userId ?? '' }))
    return { value: load.p99Ms, p50Ms: load.p50Ms }
  }
  const beside = (name: string, slow: () => Promise<unknown>): Contender => ({
    name,
    async measure(seconds) {
      let isOver = false
      const slowOnes = Array.from({ length: 4 }, async () => {
        while (!isOver) await slow()
      })
      const sample = await lookUps(seconds)
      isOver = true
      await Promise.all(slowOnes)
      return sample
    },
  })
  const [alone, pool, lane] = ['alone', 'beside 4 callers of a 200 ms statement', 'the same, declared hot by mistake']
  await runTrial({
    suite: 'db',
    name: 'p99 of a primary-key look-up, 16 callers',
    unit: 'ms',
    contenders: [
      { name: alone, measure: lookUps },
      beside(pool, () => sql`select pg_sleep(0.2)`.execute(db)),
      beside(lane, () => slowRead(db, { seconds: 0.2 })),
    ],
    comparisons: [pool, lane].map((of) => ({ of, to: alone, goals: ['p99 beside slow statements / alone'] })),
    ...rounds,
  })
}
