import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { openNotifications } from './notifications.ts'

const template = inject('databaseTemplate')
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase(template)
})
afterAll(() => database.close())

const notify = (payload: string) => sql`select pg_notify('test_channel', ${payload})`.execute(database.db)

async function listen() {
  const heard: string[] = []
  let began = 0
  const notifications = await openNotifications(database, {
    channel: 'test_channel',
    onNotification: (payload) => heard.push(payload),
    onListening: () => began++,
    url: database.url,
    retryMs: 10,
  })
  const timesBegan = () => began
  await expect.poll(timesBegan).toBe(1)
  return { heard, notifications, timesBegan }
}

test('what is said is heard until it is closed', async () => {
  const { heard, notifications } = await listen()
  expect(notifications.isLive()).toBe(true)
  await notify('one')
  await expect.poll(() => heard).toEqual(['one'])
  await notifications.close()
  await notify('two')
  expect(heard).toEqual(['one'])
})

test.runIf(template.kind === 'postgres')(
  'a connection that breaks is opened again, and its owner is told to look again',
  async () => {
    const { heard, notifications, timesBegan } = await listen()
    const { rows } = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'extropy test_channel'`.execute(database.db)
    expect(rows).toHaveLength(1)
    await expect.poll(timesBegan, { timeout: 10_000 }).toBe(2)
    expect(notifications.isLive()).toBe(true)
    await notify('after')
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['after'])
    await notifications.close()
    expect(notifications.isLive()).toBe(false)
  },
)
