import { expect, test } from 'vitest'
import { seeded } from '../ratio.ts'
import { clusterModel } from './cluster.ts'
import { costOfAMillion, type ServiceTimes } from './service-times.ts'
import { simulate } from './simulate.ts'

const times: ServiceTimes = {
  hitUs: 20,
  missUs: 300,
  missDatabaseUs: 200,
  writeUs: 100,
  writeDatabaseUs: 500,
  hitShare: 0.9,
}
const cluster = { servers: 4, replicas: 0, databaseCores: 8, writeShare: 0.1, networkUs: 500 }
const most = (more: Partial<typeof cluster>) => {
  const all = { ...cluster, ...more }
  return simulate(clusterModel(all, times, 1), { callers: Math.min(64 * all.servers, 640) }, 100_000).perSecond
}

test('twice the servers serve twice as much, until the primary is full', () => {
  const { server, database } = costOfAMillion(times, 0.1)
  expect(most({ servers: 1 }) / (1e6 / server)).toBeCloseTo(1, 1)
  expect(most({ servers: 2 }) / (2e6 / server)).toBeCloseTo(1, 1)
  expect(most({ servers: 40 }) / (8e6 / database)).toBeCloseTo(1, 1)
})

test('replicas take reads from the primary, and no writes', () => {
  const writes = 8e6 / (0.1 * times.writeDatabaseUs)
  const [none, four] = [most({ servers: 40 }), most({ servers: 40, replicas: 4 })]
  expect(four).toBeGreaterThan(none * 1.2)
  expect(four).toBeLessThan(writes * 1.05)
})

test('without load a request takes its services and the network', () => {
  const { latenciesUs } = simulate(clusterModel(cluster, times, 1), { perSecond: 10, random: seeded(2) }, 5_000)
  const mean = latenciesUs.reduce((sum, each) => sum + each, 0) / latenciesUs.length
  // A tenth are writes, and a tenth of the reads misses: these go to the database.
  expect(mean / (0.1 * 1600 + 0.81 * 520 + 0.09 * 1500)).toBeCloseTo(1, 1)
})
