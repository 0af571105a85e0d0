import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake, type Intake } from '@extropy/intake'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'

let database: TestDatabase
let intake: Intake
let deps: Deps
let worker: Worker

beforeEach(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  intake = createIntake()
  deps = { ...(await createTestDeps(database)), intake, scrapeWaitMs: 60_000 }
  worker = openWorker(deps, { jobs: appJobs })
})
afterEach(async () => {
  await worker.close()
  await intake.close()
  await database.close()
})

test('a page that was handed over is read without its NULs and halves of characters', async () => {
  const ada = (await createAccount(deps)).as()
  const prose = 'The moon raises the ti\0des in most harbours, twice a day, and the sun helps it.\ud800 '
  const html = `<html><head><title>The ti\0des</title></head><body><article><p>${prose.repeat(12)}</p></article></body></html>`
  const scraped = await ada.scrape.fetch({ platform: 'web', target: 'https://example.org/tides', html })
  expect(scraped).toMatchObject({ status: 'success', count: 1 })
  const content = await ada.contents.byId({ id: scraped.content_ids[0] as string })
  expect(content.title).toBe('The tides')
  expect(content.body).toContain('raises the tides in most harbours')
})

test('a page of nothing but NULs has no text to store', async () => {
  const ada = (await createAccount(deps)).as()
  const scraped = await ada.scrape.fetch({ platform: 'web', target: 'https://example.org/nul', html: '\0\0' })
  expect(scraped).toMatchObject({ outcome: 'empty', count: 0 })
})
