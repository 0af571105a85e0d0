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
  expect(mostConnections(config)).toBe(50 + 3 * 3 + 1)
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
