import { expect, test } from 'vitest'
import { simulate } from './ledger-simulator/run.ts'

test('killed servers, cut connections and deadlocks leave the ledger as the model has it', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  const report = await simulate({ serverUrl: process.env.TEST_DATABASE_URL as string, ops: 2000, seed })
  expect({ seed, problems: report.problems }).toEqual({ seed, problems: [] })
  expect(report).toMatchObject({ serversKilled: 2 })
  expect(report.resent).toBeGreaterThan(0)
  expect(report.answered).toBeGreaterThan(500)
  // Twice killed, it waits twice for a server to start, on whatever machine this is.
}, 400_000)
