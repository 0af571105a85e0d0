import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

const fanad = `/?q=${encodeURIComponent('When was the lighthouse of Fanad built?')}`

export function askFlows(app: () => App): void {
  test('the question box has the focus, and questions are suggested from the collection', async () => {
    const page = await app().open('/')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('question')
    const suggestion = page.getByRole('link', { name: /^What does .* say about/ }).first()
    await suggestion.click()
    await page.getByRole('region', { name: 'Answer' }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toMatch(/^What does/)
  })

  test('an answer comes in whole sentences, each with the number of its source', async () => {
    const page = await app().open('/')
    await page.getByLabel('Your question').fill('When was the lighthouse of Fanad built?')
    await page.keyboard.press('Enter')
    const answer = page.getByRole('region', { name: 'Answer' })
    await answer.getByText('built in 1817 after a frigate was lost.').waitFor()
    await answer
      .getByRole('link', { name: /^Receipt 1: Fanad/ })
      .first()
      .waitFor()
    expect(await answer.locator('.sentence').first().textContent()).toMatch(/[.!?]$/)
  })

  test('a receipt shows its passage on hover', async () => {
    const page = await app().open(fanad)
    const receipt = page.getByRole('link', { name: /^Receipt 1/ }).first()
    const passage = page.locator('.preview blockquote', { hasText: 'frigate was lost' })
    // A pointer that was there before the receipt listens has to move once more.
    await expect
      .poll(async () => {
        await page.mouse.move(0, 0)
        await receipt.hover()
        return passage.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        )
      })
      .toBe(true)
    // A title is text, whatever an author wrote.
    expect(await page.locator('.preview-title').textContent()).toMatch(/^Fanad/)
  })

  test('a receipt opens the piece with its sentence marked and in view, and Back is the answer without a second question', async () => {
    const page = await app().open(fanad)
    await page
      .getByRole('link', { name: /^Receipt 1/ })
      .first()
      .click()
    const mark = page.locator('mark').first()
    await mark.waitFor()
    expect(await mark.textContent()).toContain('built in 1817')
    expect(await mark.evaluate((node) => node.getBoundingClientRect().top < innerHeight)).toBe(true)
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('query.answer')) asked++
    })
    await page.goBack()
    await page.getByText('built in 1817 after a frigate was lost.').first().waitFor()
    expect(asked).toBe(0)
  })

  test('what is not here is said kindly, with the nearest pieces beneath', async () => {
    const page = await app().open(`/?q=${encodeURIComponent('best pizza in Naples')}`)
    await page.getByRole('heading', { name: 'Not in here' }).waitFor()
    expect(await page.locator('.not-here').textContent()).toMatch(/pizza|Naples/i)
    expect(await page.locator('.answer-text').count()).toBe(0)
  })

  test('results come while one types, before anything was asked', async () => {
    const page = await app().open('/')
    await page.getByLabel('Your question').pressSequentially('frigate lost', { delay: 15 })
    await page.getByRole('region', { name: 'While you type' }).getByRole('link', { name: /Fanad/ }).first().waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await page.getByRole('region', { name: 'Answer' }).count()).toBe(0)
  })

  test('a filter is a chip and part of the address, and goes away by a click', async () => {
    const page = await app().open('/?q=lighthouse')
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByLabel('Platform').selectOption('rss')
    await page.getByLabel('Published from').fill('2020-01-31')
    await page.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(() => page.url()).toContain('platform=rss')
    expect(page.url()).toContain('after=2020-01-31')
    await page.getByRole('button', { name: /Remove the filter from 31 January 2020/ }).click()
    await page.getByRole('link', { name: 'Fanad, once more' }).first().waitFor()
    await page.getByRole('button', { name: 'Remove the filter on rss' }).click()
    await expect.poll(() => page.url()).not.toContain('platform')
    await page
      .getByRole('link', { name: /The lighthouse, part/ })
      .first()
      .waitFor()
  })

  test('a filter that was read in the question is a chip too, and its words can be searched for instead', async () => {
    const page = await app().open(`/?q=${encodeURIComponent('What did Ana Writer write about the lighthouse?')}`)
    await page.getByRole('button', { name: /Do not read by Ana Writer as a filter/i }).click()
    await expect.poll(() => page.url()).toContain('words=author')
    await expect.poll(() => page.locator('.chip-understood').count()).toBe(0)
  })

  test('each result says why it was found, and the same text is folded into one', async () => {
    const page = await app().open('/?q=frigate')
    const found = page.getByRole('region', { name: 'Found' })
    await found
      .getByText(/word #1/)
      .first()
      .waitFor()
    await found.getByText('The same text in one more piece').click()
    await found
      .getByRole('link', { name: /^Fanad/ })
      .nth(1)
      .waitFor()
  })

  test('a shared address is the question with its filters, for somebody else', async () => {
    const page = await app().open('/?q=lighthouse&tags=even&author=Ana+Writer')
    await page.getByRole('button', { name: 'Remove the filter #even' }).waitFor()
    await page.getByRole('button', { name: 'Remove the filter by Ana Writer' }).waitFor()
    expect(await page.getByLabel('Your question').inputValue()).toBe('lighthouse')
    await page
      .getByRole('link', { name: /part (1|3|5|7|9|11)$/ })
      .first()
      .waitFor()
    expect(await page.getByRole('link', { name: /part (2|4|6|8|10|12)$/ }).count()).toBe(0)
  })

  test('Copy link copies the address', async () => {
    const page = await app().open(fanad, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Link copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(app().url + fanad)
  })

  test('nonsense in an address is left out, not a crash', async () => {
    const page = await app().open('/?q=lighthouse&platform=fax&after=yesterday&words=%00&x=1')
    await page
      .getByRole('link', { name: /The lighthouse/ })
      .first()
      .waitFor()
    expect(await page.locator('.chips .chip:not(.chip-add)').count()).toBe(0)
  })

  test('an answer that the network cuts off is said to be so, and asked for again by a click', async () => {
    const page = await app().open('/', { mayComplain: true })
    let isDown = true
    await page.route('**/trpc/query.answer**', (route) => (isDown ? route.abort() : route.continue()))
    await page.getByLabel('Your question').fill('When was the lighthouse of Fanad built?')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('The server cannot be reached').waitFor()
    expect(await page.getByLabel('Your question').inputValue()).toContain('Fanad')
    isDown = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('built in 1817 after a frigate was lost.').first().waitFor()
  })

  test('on a slow network the page stands before its data, and the box takes words', async () => {
    const { promise: comesAtLast, resolve: come } = Promise.withResolvers<void>()
    const page = await app().open('/', {
      before: (each) =>
        each.route('**/trpc/**', async (route) => {
          await comesAtLast
          await route.continue().catch(() => {})
        }),
    })
    await page.getByRole('heading', { name: 'Ask what they have written.' }).waitFor()
    await page.getByLabel('Your question').fill('frigate')
    await page.locator('.fetching').waitFor({ state: 'attached' })
    expect(await page.getByLabel('Your question').inputValue()).toBe('frigate')
    come()
    await page.getByRole('region', { name: 'While you type' }).getByRole('link', { name: /Fanad/ }).first().waitFor()
  })

  test('too many requests are said to be so, with the time to wait', async () => {
    const page = await app().open('/', { key: app().keys.hasty, mayComplain: true })
    for (const word of ['frigate', 'lamp', 'stairs']) {
      await page.getByLabel('Your question').fill(word)
      await page.keyboard.press('Enter')
    }
    await page
      .getByText(/Too many requests.*It goes on in/)
      .first()
      .waitFor()
    expect(await page.getByLabel('Your question').inputValue()).toBe('stairs')
  })
}
