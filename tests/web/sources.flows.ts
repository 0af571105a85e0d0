import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

/** Lines of an ingest file, the third without a title or a text. */
function archive(lines: 1 | 2 | 3): Buffer {
  const piece = (n: number) => ({
    platform: 'web',
    source_url: `https://example.org/diary/${n}`,
    author: 'Dia Rist',
    title: `Day ${n}`,
    body: `Of day ${n} there is this to tell.`,
  })
  const all = [piece(1), piece(2), { platform: 'web', source_url: 'https://example.org/diary/3', author: 'Dia Rist' }]
  return Buffer.from(
    all
      .slice(0, lines)
      .map((line) => JSON.stringify(line))
      .join('\n'),
  )
}

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
    await page.locator('.follow input[type=file]').setInputFiles(file)
    await page.getByText('1 followed, 0 there already.').waitFor()
    await rowOf(page, 'From afar')
      .getByRole('button', { name: /^Pause/ })
      .click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export OPML' }).click()
    const opml = await readFile((await (await saved).path()) ?? '', 'utf8')
    expect(opml).toMatch(/<opml[\s\S]*afar\.xml/)
    await writeFile(file, 'no outline')
    await page.locator('.follow input[type=file]').setInputFiles(file)
    await page.getByRole('alert').getByText('This file is not OPML').waitFor()
  })

  test('a piece says where it was met, and has the document that it was read from, as text alone', async () => {
    const { items } = await app().client().contents.list.query({ limit: 100 })
    const id = items.find(({ title }) => title === 'Tides of the harbour')?.id
    const page = await app().open(`/read/${id}`, { key: app().keys.ada })
    const met = page.getByRole('list', { name: 'Where it has been met' })
    await met.getByRole('link', { name: 'Harbour News' }).waitFor()
    await met.getByText(/HTTP 200 · last look .* · next look in/).waitFor()
    await page.getByText('As it was fetched').click()
    const document = page.getByRole('region', { name: 'As it was fetched' })
    await document.getByText('<item><title>Tides of the harbour</title>').waitFor()
    expect(await document.textContent()).not.toContain('Gulls')
    expect(await document.locator('pre > *').count()).toBe(0)
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as a file' }).click()
    expect((await saved).suggestedFilename()).toMatch(/\.txt$/)
    const anyone = await app().open(`/read/${id}`)
    await anyone.getByText('As it was fetched').click()
    await anyone.getByText('<item><title>Tides of the harbour</title>').waitFor()
    expect(await anyone.getByRole('list', { name: 'Where it has been met' }).count()).toBe(0)
  })

  test('an archive is chosen by keyboard, sent, read as it goes, and what came of it is said', async () => {
    const page = await app().open('/sources', { key: app().keys.ada })
    const archives = page.getByRole('region', { name: 'Bring in an archive' })
    const input = archives.locator('input[type=file]')
    // In the place of the browser's own window, which a busy machine may open before it is listened to.
    await input.evaluate((node) =>
      node.addEventListener('click', (event) => {
        event.preventDefault()
        Object.assign(window, { isChoosing: true })
      }),
    )
    await archives.getByRole('button', { name: 'Choose an archive' }).press('Enter')
    await expect.poll(() => page.evaluate(() => 'isChoosing' in window)).toBe(true)
    await input.setInputFiles({ name: 'diary.jsonl', mimeType: 'text/plain', buffer: archive(3) })
    await archives.getByText('Reading diary.jsonl:').waitFor()
    await archives.getByText('2 new · 1 refused').waitFor()
    await archives.getByText('One problem').click()
    await archives.getByText(/diary\.jsonl.*title/).waitFor()
    await page.getByRole('link', { name: 'Jobs' }).click()
    await page.getByText('diary.jsonl').first().waitFor()
  })

  test('an archive that is dropped is taken; a file that is none is told why, and so is one without the right to send it', async () => {
    const drop = async (page: Page, name: string, text: string) => {
      const files = await page.evaluateHandle(
        ([of = '', words = '']) => {
          const transfer = new DataTransfer()
          transfer.items.add(new File([words], of))
          return transfer
        },
        [name, text],
      )
      await page.locator('.archive-drop').dispatchEvent('drop', { dataTransfer: files })
    }
    const page = await app().open('/sources', { key: app().keys.ada, mayComplain: true })
    const archives = page.getByRole('region', { name: 'Bring in an archive' })
    await drop(page, 'again.jsonl', String(archive(2)))
    await archives.getByText(/^(2 new|0 new · 2 there already)$/).waitFor()
    await drop(page, 'nothing.zip', '')
    await archives.getByRole('alert').getByText('nothing.zip has nothing in it.').waitFor()
    await drop(page, 'page.html', '<!doctype html><html><body><p>A page.</p></body></html>')
    await archives
      .getByRole('alert')
      .getByText(/web page/i)
      .waitFor()
    const reader = await app().open('/sources', { key: app().keys.reader, mayComplain: true })
    await drop(reader, 'mine.jsonl', String(archive(1)))
    await reader
      .getByRole('alert')
      .getByText(/^mine\.jsonl was not taken\..*scope write/)
      .waitFor()
  })

  test('an archive on its way is cancelled; one whose connection breaks is said to be so', async () => {
    const page = await app().open('/sources', { key: app().keys.ada, mayComplain: true })
    const archives = page.getByRole('region', { name: 'Bring in an archive' })
    let isHeld = true
    await page.route(/\/api\/imports\?/, (route) => (isHeld ? undefined : route.abort()))
    const file = { name: 'slow.jsonl', mimeType: 'text/plain', buffer: archive(2) }
    await archives.locator('input[type=file]').setInputFiles(file)
    await archives.getByText(/^Sending slow\.jsonl:/).waitFor()
    // It goes on while one looks elsewhere.
    const pages = page.getByRole('navigation', { name: 'Pages' })
    await pages.getByRole('link', { name: 'Authors' }).click()
    await page.getByRole('heading', { name: 'Authors' }).waitFor()
    await pages.getByRole('link', { name: 'Sources' }).click()
    await archives.getByText(/^Sending slow\.jsonl:/).waitFor()
    await archives.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => archives.getByText('Sending').count()).toBe(0)
    isHeld = false
    await archives.locator('input[type=file]').setInputFiles(file)
    await archives
      .getByRole('alert')
      .getByText(/^slow\.jsonl was not taken\. The server cannot be reached/)
      .waitFor()
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
