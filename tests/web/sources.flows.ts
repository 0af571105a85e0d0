import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

export function sourceFlows(app: () => App): void {
  const box = (page: Page) => page.getByLabel('A feed, a site, a channel, a profile')
  const rowOf = (page: Page, name: string) => page.locator('.source-list > li', { hasText: name })

  test('what is pasted is followed, said as what it was understood, and its first look is seen to its end; what fails comes first', async () => {
    const page = await app().open('/sources', { key: app().keys.ada, mayComplain: true })
    await box(page).fill(`${app().site.origin}/feed.xml\n${app().site.origin}/broken.xml\nnothing at all`)
    await page.keyboard.press('Enter')
    await page.getByText(/feed\.xml: understood as a feed on rss\./).waitFor()
    await page.getByText('2 posts of Harbour News.').waitFor()
    await page.getByText(/«nothing at all» is not a web address/).waitFor()
    await expect.poll(() => box(page).inputValue()).toBe('nothing at all')
    await page.getByRole('heading', { name: 'Failing' }).waitFor()
    await rowOf(page, 'Harbour News')
      .getByText(/^Next look in/)
      .waitFor()
    expect(await page.locator('.source-list').first().textContent()).toMatch(/broken\.xml.*The server answered 500/)
  })

  test('each source has its log, its interval and the reason of its next look', async () => {
    const page = await app().open('/sources', { key: app().keys.ada })
    await page.getByRole('link', { name: 'Harbour News' }).click()
    await page.getByRole('heading', { level: 1, name: 'Harbour News' }).waitFor()
    await page.getByRole('row', { name: /ok.*HTTP 200.*robots\.txt: .*feed\.xml/ }).waitFor()
    await page.getByLabel('How often').selectOption('Every hour')
    await page.getByText('the interval that was set for it').waitFor()
    await page.reload()
    await expect.poll(() => page.getByLabel('How often').inputValue()).toBe('3600')
  })

  test('pausing shows at once, is taken back where the server refuses, and a source is removed after a question', async () => {
    const page = await app().open('/sources', { key: app().keys.ada, mayComplain: true })
    const row = rowOf(page, 'broken.xml')
    let isDown = true
    const { promise: isSeen, resolve: see } = Promise.withResolvers<void>()
    await page.route('**/trpc/sources.update**', async (route) => {
      if (!isDown) return route.continue()
      await isSeen
      return route.abort()
    })
    await row.getByRole('button', { name: /^Pause/ }).click()
    await row.getByText('paused').waitFor()
    see()
    await row.getByText('failing').waitFor()
    isDown = false
    await row.getByRole('button', { name: /^Pause/ }).click()
    await row.getByRole('button', { name: /^Go on/ }).waitFor()
    await row.getByRole('button', { name: /^Remove/ }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => row.count()).toBe(0)
  })

  test('somebody else’s source is seen and not changed, and that is said', async () => {
    const page = await app().open('/sources', { key: app().keys.bob, mayComplain: true })
    const row = rowOf(page, 'Harbour News')
    await row.getByRole('button', { name: /^Pause/ }).click()
    await row.getByRole('alert').getByText('Whoever added it, or an admin, may do this').waitFor()
    await row.getByText('active').waitFor()
  })

  test('an OPML file comes in, and goes out with what came in', async () => {
    const page = await app().open('/sources', { key: app().keys.ada })
    const file = join(tmpdir(), 'extropy-web.opml')
    await writeFile(
      file,
      '<?xml version="1.0"?><opml version="2.0"><body><outline type="rss" text="From afar" xmlUrl="https://example.org/afar.xml"/></body></opml>',
    )
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByText('1 followed, 0 there already.').waitFor()
    await rowOf(page, 'From afar')
      .getByRole('button', { name: /^Pause/ })
      .click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export OPML' }).click()
    const opml = await readFile((await (await saved).path()) ?? '', 'utf8')
    expect(opml).toMatch(/<opml[\s\S]*afar\.xml/)
    await writeFile(file, 'no outline')
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByRole('alert').getByText('This file is not OPML').waitFor()
  })

  test('a job is watched, cancelled and run again', async () => {
    const hanging = new Set<() => void>()
    app().site.set('/slow.xml', (_request, response) => {
      hanging.add(() => response.writeHead(200).end('<rss/>'))
    })
    const { jobId } = await app()
      .client(app().keys.ada)
      .sources.create.mutate({ target: `${app().site.origin}/slow.xml` })
    const page = await app().open(`/jobs?job=${jobId}`, { key: app().keys.ada })
    const row = page.locator('.job-list > li', { hasText: 'slow.xml' })
    await row
      .getByText(/^running/)
      .first()
      .waitFor()
    await row.getByText(/^asking http/).waitFor()
    await row.getByRole('button', { name: /^Cancel/ }).click()
    await row
      .getByText(/^cancelled/)
      .first()
      .waitFor()
    app().site.set('/slow.xml', '<rss version="2.0"><channel><title>Slow</title></channel></rss>')
    for (const answer of hanging) answer()
    await row.getByRole('button', { name: /^Run again/ }).click()
    await row.getByText(/^done/).first().waitFor()
  })

  test('sources, jobs and research ask for a key, and nothing else', async () => {
    const page = await app().open('/sources')
    for (const path of ['/sources', '/jobs', '/research']) {
      await page.goto(app().url + path)
      await page.getByText('paste a key to see it').waitFor()
    }
  })
}
