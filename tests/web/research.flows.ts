import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'
import { blog } from './blog.ts'

export function researchFlows(app: () => App): void {
  const fill = async (page: Page, name: string, words: string) => page.locator(`[name=${name}]`).fill(words)
  const mallory = '<img src=x onerror="window.hit = 1"> [click](javascript:window.hit=1) [^1]'

  /** Somebody else's feed, which comes when it is let go: until then the research is at that step. */
  const hold = (path: string) => {
    const { promise: isFree, resolve: letGo } = Promise.withResolvers<void>()
    app().site.set(path, async (request, response) => {
      await isFree
      blog['/feed.xml'](request, response)
    })
    return { letGo }
  }

  test('a brief becomes a report, step by step, and its receipts open the very words', async () => {
    let feed = hold('/held.xml')
    const page = await app().open('/research', { key: app().keys.ada })
    await page.getByRole('link', { name: 'New research' }).click()
    await fill(page, 'name', 'Fanad')
    await fill(page, 'brief', mallory)
    await fill(page, 'questions', 'When was the lighthouse of Fanad built?\nWhere is the best pizza in Naples?')
    await fill(page, 'targets', `${app().site.origin}/held.xml`)
    await fill(page, 'authorities', 'Ana Writer')
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('region', { name: 'Steps' }).getByText('Fetch the sources named').waitFor()
    await page.locator('.steps [aria-current=step]').waitFor()
    feed.letGo()
    await page.getByText('completed').waitFor()
    const report = page.getByRole('region', { name: 'Report' })
    await report.getByText('built in 1817 after a frigate was lost.').first().waitFor()
    await report.getByText('Ana Writer:').first().waitFor()
    expect(await page.locator('.steps .step-done').count()).toBe(6)
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
    expect(await report.locator('img, [onerror], a[href^="javascript"]').count()).toBe(0)

    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('navigation', { name: 'Pages' }).isVisible()).toBe(false)
    expect(await page.locator('.receipt-list .print-only').first().isVisible()).toBe(true)
    await page.emulateMedia({ media: 'screen' })

    await report
      .getByRole('link', { name: /^Receipt 1: Fanad/ })
      .first()
      .click()
    expect(await page.locator('mark').first().textContent()).toContain('built in 1817')
    await page.goBack()
    feed = hold('/held.xml')
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByText('in progress').waitFor()
    feed.letGo()
    await page.getByText('completed').waitFor()
    await page.getByRole('link', { name: '← All research' }).click()
    await page.getByRole('link', { name: 'completed' }).click()
    await page.getByRole('link', { name: 'Fanad', exact: true }).waitFor()
    expect(page.url()).toContain('status=completed')
  })

  test('research is cancelled, and what it had stays', async () => {
    app().site.set('/never.xml', () => {})
    const page = await app().open('/research/new', { key: app().keys.ada })
    await fill(page, 'name', 'Too long')
    await fill(page, 'brief', 'What is said of gulls?')
    await fill(page, 'targets', `${app().site.origin}/never.xml`)
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.locator('.steps .step-done').first().waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('It was cancelled.').waitFor()
    await page.getByText('Plan the questions').waitFor()
    await page.getByRole('button', { name: 'Run again' }).waitFor()
  })

  test('without a key a brief is typed, kept, and sent once there is one', async () => {
    const page = await app().open('/research/new')
    await fill(page, 'name', 'Kept')
    await fill(page, 'brief', 'What is said of stairs?')
    await page.getByText('Beginning needs a key with the scope write.').waitFor()
    await page.getByRole('button', { name: 'Use a key' }).click()
    await page.getByLabel('API key').fill(app().keys.bob)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(await page.locator('[name=brief]').inputValue()).toBe('What is said of stairs?')
    await fill(page, 'questions', Array.from({ length: 21 }, (_, n) => `Question ${n}?`).join('\n'))
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByText('At most 20 lines.').waitFor()
    await fill(page, 'questions', '')
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('heading', { level: 1, name: 'Kept' }).waitFor()
  })
}
