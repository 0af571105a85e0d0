import { expect, test } from 'vitest'
import { parseConfig } from '../config.ts'
import { mostConnections } from './check-connections.ts'
import { configOfSeat, workersOf } from './seat-config.ts'

const onServer = { DATABASE_URL: 'postgres://localhost/extropy' }

test('connections and requests in flight are shared out among the workers, and add up to the settings', () => {
  const config = parseConfig({ ...onServer, WORKERS: '3', DATABASE_POOL_MAX: '50', MAX_IN_FLIGHT: '1000' })
  const seats = [1, 2, 3].map((seat) => configOfSeat(config, seat))
  expect(seats.map(({ DATABASE_POOL_MAX }) => DATABASE_POOL_MAX)).toEqual([17, 17, 16])
  expect(seats.map(({ DATABASE_POOL_SIZE }) => DATABASE_POOL_SIZE)).toEqual([7, 7, 6])
  expect(seats.map(({ MAX_IN_FLIGHT }) => MAX_IN_FLIGHT)).toEqual([334, 333, 333])
})

const two = 'postgres://a,b/extropy'
const replicas = { DATABASE_REPLICA_URLS: 'postgres://a/extropy,postgres://b/extropy' }
const pooled = { DATABASE_URL: 'postgres://pooler/extropy', DATABASE_BEHIND_POOLER: 'true' }
test.each([
  // 3 × 2 pipelined, 3 that hear of changes, 1 that hears of jobs.
  ['one server', onServer, 50 + 10],
  ['without jobs', { ...onServer, JOBS: 'off' }, 50 + 9],
  ['without prepared statements', { ...onServer, DATABASE_PREPARED_STATEMENTS: 'off' }, 50 + 4],
  // 3 + 1 that watch.
  ['several servers', { DATABASE_URL: two }, 50 + 10 + 4],
  // 3 that watch the primary; of what a promoted replica keeps: a pool of 20, 3 × 2 pipelined, 3 that watch it.
  ['replicas', { ...onServer, ...replicas }, 50 + 10 + 3 + 29],
  ['several servers and replicas', { DATABASE_URL: two, ...replicas }, 50 + 10 + 4 + 29],
  ['a pooler', pooled, 0],
  ['a pooler, and replicas', { ...pooled, ...replicas }, 50 + 3],
  ['a pooler, and the server itself', { ...pooled, DATABASE_DIRECT_URL: 'postgres://a/extropy' }, 4],
  ['a pooler, and the servers themselves', { ...pooled, DATABASE_DIRECT_URL: two }, 8],
])('connections to the database of three workers are counted: %s', (_, env, most) => {
  expect(mostConnections(parseConfig({ ...env, WORKERS: '3', DATABASE_POOL_MAX: '50' }))).toBe(most)
})

test('the first worker alone migrates, loads the sample and runs jobs', () => {
  const config = parseConfig({ ...onServer, WORKERS: '2', LOAD_SAMPLE: 'always' })
  expect(configOfSeat(config, 1)).toMatchObject({ MIGRATE_ON_START: 'on', LOAD_SAMPLE: 'always', JOBS: 'on' })
  expect(configOfSeat(config, 2)).toMatchObject({ MIGRATE_ON_START: 'off', LOAD_SAMPLE: 'never', JOBS: 'off' })
})

test('no worker is left with fewer than two connections', () => {
  const config = parseConfig({ ...onServer, WORKERS: '8', DATABASE_POOL_MAX: '5' })
  expect([1, 8].map((seat) => configOfSeat(config, seat).DATABASE_POOL_MAX)).toEqual([2, 2])
})

test('the embedded database has one worker, and says so to whoever wants more', () => {
  expect(workersOf(parseConfig({ WORKERS: 'auto' }))).toBe(1)
  expect(() => parseConfig({ WORKERS: '2' })).toThrow(
    /WORKERS must be 1 or auto on the embedded database.*DATABASE_URL/,
  )
  expect(() => parseConfig({ WORKERS: '0' })).toThrow('WORKERS must be auto, or a whole number from 1 to 64')
})
