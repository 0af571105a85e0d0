import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium } from './browser/chromium.ts'
import { accountFlows } from './web/account.flows.ts'
import { type App, startApp } from './web/app-under-test.ts'
import { askFlows } from './web/ask.flows.ts'
import { cardFlows } from './web/cards.flows.ts'
import { frameFlows } from './web/frame.flows.ts'
import { readFlows } from './web/read.flows.ts'
import { researchFlows } from './web/research.flows.ts'
import { sourceFlows } from './web/sources.flows.ts'

describe.skipIf(!hasChromium('the web app'))('the web app', () => {
  let app: App
  beforeAll(async () => {
    app = await startApp()
  }, 300_000)
  afterEach(() => app.closePages())
  afterAll(() => app?.close())

  askFlows(() => app)
  readFlows(() => app)
  cardFlows(() => app)
  accountFlows(() => app)
  sourceFlows(() => app)
  researchFlows(() => app)
  frameFlows(() => app)

  test('in all of this, no page asked anybody else, broke its own policy, or complained', () => {
    expect(app.requests.length).toBeGreaterThan(500)
    expect(app.requests.filter((url) => !url.startsWith(app.url))).toEqual([])
    expect(app.complaints).toEqual([])
  })
})
