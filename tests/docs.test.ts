import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hasChromium, launchChromium, openPage } from './browser/chromium.ts'

describe.skipIf(!hasChromium('/docs') || !process.env.TEST_DATABASE_URL)('in a browser', () => {
  let template: Template
  let database: TestDatabase
  let browser: Browser
  beforeAll(async () => {
    template = await createTemplate(process.env.TEST_DATABASE_URL)
    database = await createTestDatabase(template)
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await database?.close()
    await removeTemplate(template)
  })

  test('/docs shows the routes, loads nothing from elsewhere and breaks none of its own rules', async () => {
    const server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'error' })
    onTestFinished(() => void server.child.kill('SIGKILL'))
    const { page, complaints, requests } = await openPage(browser, `${server.url}/docs`)
    await page.locator('[data-path="/api/cards/{id}"]').first().waitFor({ timeout: 20_000 })
    expect(await page.locator('.opblock').count()).toBeGreaterThan(30)
    expect(requests.length).toBeGreaterThan(4)
    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([])
    expect(complaints).toEqual([])
  })
})
