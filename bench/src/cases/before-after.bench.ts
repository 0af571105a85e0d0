import { type BeforeAfterData, withBeforeAfter } from '../before-after/data.ts'
import { ask, type Endpoint, endpoints } from '../before-after/endpoints.ts'
import type { BenchCase } from '../bench-case.ts'
import { findGoal } from '../goals.ts'
import { startExtropy, withServers } from '../http/servers.ts'
import { underLoad } from '../load.ts'
import { mean } from '../ratio.ts'
import { type Contender, runTrial } from '../rounds.ts'

const full = { cards: 210_000, passages: 100_000 }
const quickSizes = { cards: 20_000, passages: 2_000 }

interface Mode {
  readonly name: string
  readonly isAfter?: boolean
  readonly env: Readonly<Record<string, string>>
}

const unprepared = { DATABASE_PREPARED_STATEMENTS: 'off' }
const oldPool: Mode = {
  name: 'before',
  // The default of SQLAlchemy, whose terms the replaced service's health page uses: five, and ten more in a burst.
  env: { ...unprepared, DATABASE_POOL_SIZE: '5', DATABASE_POOL_MAX: '15' },
}
const noPool: Mode = {
  name: 'before, no connection reused',
  env: { ...unprepared, DATABASE_POOL_SIZE: '0', DATABASE_POOL_MAX: '15', DATABASE_POOL_MAX_USES: '1' },
}
/** The server with its default settings. */
const after: Mode = { name: 'after', isAfter: true, env: {} }
const modes = [oldPool, noPool, after]

/**
 * The main table: the same server without secondary indexes, cache and prepared statements on a pool of the old size,
 * without reusing connections at all, and as it is delivered.
 */
export const bench: BenchCase = {
  title: 'the same requests without indexes, cache and pool, and with them',
  needs: ['TEST_DATABASE_URL'],
  async run({ quick }) {
    const rounds = quick ? { rounds: 16, seconds: 0.03 } : { rounds: 12, seconds: 0.15 }
    await withBeforeAfter(process.env.TEST_DATABASE_URL ?? '', quick ? quickSizes : full, async (data) => {
      await withServers(
        modes.map((mode) => () => startInMode(mode, data)),
        async (servers) => {
          for (const endpoint of endpoints(data.prompts)) {
            const contenders = servers.map(({ url }, at) => contenderOf(modes[at] as Mode, url, endpoint))
            const goals = (what: string) => [findGoal(`${endpoint.name}: ${what}`)]
            const less = [97, 60, 99, 70].flatMap((share) => goals(`after / before (${share} % less)`))
            await runTrial({
              suite: 'before-after',
              name: endpoint.name,
              unit: 'ms',
              ...rounds,
              warmUpSeconds: 0.15,
              contenders,
              comparisons: [
                { of: after.name, to: oldPool.name, goals: [...goals('mean, ms'), ...less] },
                { of: after.name, to: noPool.name, goals: goals('after / before without reused connections') },
                { of: noPool.name, to: oldPool.name },
              ],
            })
          }
        },
      )
    })
  },
}

function startInMode({ name, isAfter, env }: Mode, data: BeforeAfterData) {
  const settings = { LOG_LEVEL: 'silent', MIGRATE_ON_START: 'off', EMBEDDING_PROVIDER: 'local', ...env }
  return startExtropy(name, isAfter ? data.withIndexes : data.withoutIndexes, settings)
}

/** One caller; a round's value is its mean. Requests bypass the response cache (by RFC 9111's request directive), except those that it is to answer. */
function contenderOf({ name, isAfter }: Mode, url: string, endpoint: Endpoint): Contender {
  const isHit = endpoint.isCached === true && isAfter === true
  const headers: Record<string, string> = isHit ? {} : { 'cache-control': 'no-store' }
  let next = 0
  return {
    name,
    async measure(seconds) {
      // Each mode is asked the same questions: searches differ among themselves.
      const call = async (n: number) => {
        const { status, cache } = await ask(url, endpoint, n, headers)
        if (status !== 200) throw new Error(`${endpoint.name}, ${name}: status ${status}`)
        if (isHit && n > 0 && cache !== 'HIT') throw new Error(`${endpoint.name}: X-Cache ${cache}`)
      }
      const { latenciesMs: samples } = await underLoad(1, seconds, call, next)
      // No mode asks so many in one round.
      next += 100
      return { value: mean(samples), samples }
    },
  }
}
