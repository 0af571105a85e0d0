import { expect, test } from 'vitest'
import { killEmbedded, killOnServer } from './jobs-kill/kill-workers.ts'

const jobs = 300
const once = { isDone: true, succeeded: jobs, effects: jobs, jobsWithEffect: jobs, dead: 0 }
const options = { jobs, killAfterMs: 1000, limitMs: 240_000 }
const serverUrl = process.env.TEST_DATABASE_URL

test.skipIf(serverUrl === undefined)(
  'workers that are killed again and again do each job exactly once',
  async () => {
    const report = await killOnServer(serverUrl as string, options)
    expect(report).toMatchObject(once)
    expect(report.kills).toBeGreaterThan(2)
    expect(report.again).toBeGreaterThan(0)
  },
  300_000,
)

test('so does one on the embedded database, whose folder it is killed in', async () => {
  const report = await killEmbedded(options)
  expect(report).toMatchObject(once)
  expect(report.kills).toBeGreaterThan(1)
}, 300_000)
