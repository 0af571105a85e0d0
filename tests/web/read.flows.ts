import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'
import { attacks, megabyte } from './posts.ts'

export function readFlows(app: () => App): void {
  const idOf = async (title: string) => {
    const { items } = await app().client().contents.list.query({ limit: 100 })
    const found = items.find((item) => item.title.startsWith(title))
    if (found === undefined) throw new Error(`no content «${title}»`)
    return found.id
  }

  test('a finding of the analysis shows its words in the text, and a click goes to them', async () => {
    const page = await app().open(`/read/${await idOf('Fanad, once')}`)
    const analysis = page.getByRole('region', { name: 'What it is made of' })
    const painted = () =>
      page.evaluate(() => [...(CSS.highlights.get('finding') ?? [])].map((range) => (range as Range).toString()))
    await analysis.getByRole('button', { name: /^Its light is seen for eighteen miles/ }).hover()
    await expect.poll(painted).toEqual([expect.stringMatching(/^Its light is seen .* at night$/)])
    await analysis.getByRole('button', { name: 'frigate', exact: true }).focus()
    await expect.poll(painted).toEqual(['frigate'])
    await page.getByRole('heading', { level: 1 }).hover()
    await page.keyboard.press('Tab')
    await analysis.getByRole('button', { name: 'frigate', exact: true }).blur()
    await expect.poll(async () => (await painted()).includes('frigate')).toBe(false)
  })

  test('an author’s patterns open to their passages, an idea’s life among them, and each passage to its place', async () => {
    const { items } = await app().client().authors.list.query({ search: 'Ivo' })
    const id = items[0]?.id ?? ''
    await app().client(app().keys.ada).analysis.author.mutate({ id })
    const page = await app().open(`/authors/${id}`)
    await page.getByRole('heading', { name: 'Ideas that grew' }).waitFor()
    await page.locator('.patterns', { hasText: 'Ideas that grew' }).getByRole('link').first().click()
    const life = page.getByRole('region', { name: 'An idea’s life' })
    await life.getByText(/^1 May 2022/).waitFor()
    await life.getByText(/1 June 2023.* times as long/).waitFor()
    await life.getByText(/sentences said again/).click()
    await life.getByText('A harbour light should be boring.').first().waitFor()
    expect(page.url()).toContain('pattern=')
    await page.reload()
    await life.locator('blockquote a').first().click()
    await page.locator('mark').first().waitFor()
  })

  test(`none of ${attacks.length} attacks in Markdown does anything`, async () => {
    const page = await app().open(`/read/${await idOf('Attacks')}`)
    await page.getByText('The last line.').waitFor()
    for (const link of await page.locator('.prose a').all()) {
      expect(await link.getAttribute('href')).toMatch(/^(https?:|mailto:|#|x$)/)
    }
    const harmful =
      '.prose :is(script, style, img, iframe, object, embed, svg, math, form, input, button, video, link, base, meta, [style], [id], [name], [onerror])'
    expect(await page.locator(harmful).count()).toBe(0)
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
    expect(await page.locator('.prose').isVisible()).toBe(true)
  })

  test('an image is a link to where it is, and asks nobody for anything', async () => {
    const page = await app().open(`/read/${await idOf('Attacks')}`)
    const image = page.getByRole('link', { name: 'an image' })
    expect(await image.getAttribute('href')).toBe('https://evil.example/track.png')
    expect(await image.getAttribute('rel')).toContain('noreferrer')
    expect(app().requests.filter((url) => url.includes('evil.example'))).toEqual([])
  })

  test('a megabyte opens part by part, on demand', async () => {
    const page = await app().open(`/read/${await idOf('The lighthouse, part 4')}`, {
      before: (each) =>
        each.route('**/trpc/contents.byId**', async (route) => {
          const answer = (await (await route.fetch()).json()) as { result: { data: object } }
          await route.fulfill({ json: { result: { data: { ...answer.result.data, body: megabyte } } } })
        }),
    })
    await page.getByText('Paragraph 0 speaks').waitFor()
    const button = page.getByRole('button', { name: /Show more \(.* kB left\)/ })
    const shown = () => page.locator('.prose p').count()
    const before = await shown()
    expect(before).toBeLessThan(1500)
    await button.click()
    await expect.poll(shown).toBeGreaterThan(before + 500)
    expect(await button.textContent()).not.toContain(' 0 kB')
  })

  test('a huge table and long lines scroll by themselves; the page of a phone does not', async () => {
    const page = await app().open(`/read/${await idOf('A gigantic')}`, { isPhone: true })
    await page.getByText('After it.').waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(
      await page
        .locator('.wide')
        .first()
        .evaluate((node) => node.scrollWidth > node.clientWidth),
    ).toBe(true)
  })

  test('scripts that run from right to left do so, and endless words are broken', async () => {
    const page = await app().open(`/read/${await idOf('שלום')}`, { isPhone: true })
    const arabic = page.locator('.prose').getByText('هذا نص عربي')
    await arabic.waitFor()
    expect(await arabic.evaluate((node) => getComputedStyle(node).direction)).toBe('rtl')
    expect(await overflow(page)).toBeLessThanOrEqual(0)
  })

  test('a result opens the piece at its passage; beside it stand where it came from, what is like it, and more by its author', async () => {
    const page = await app().open('/?q=lighthouse+number+seven')
    await page.getByRole('link', { name: 'The lighthouse, part 7', exact: true }).click()
    await page.locator('mark').first().waitFor()
    expect((await page.locator('mark').allTextContents()).join('')).toContain('number seven')
    const beside = page.getByRole('complementary')
    expect(await beside.getByRole('link', { name: 'example.org' }).getAttribute('href')).toBe(
      'https://example.org/lighthouse/7',
    )
    await beside.getByRole('heading', { name: 'More by Ana Writer' }).waitFor()
    await beside
      .getByRole('link', { name: /The lighthouse, part/ })
      .first()
      .waitFor()
  })

  test('a passage that is no longer there is said to be so, and the text stands all the same', async () => {
    const page = await app().open(`/read/${await idOf('The lighthouse, part 1')}?mark=never+written`)
    await page.getByText('The marked passage is no longer in this text').waitFor()
    await page.getByText('She has lived there').waitFor()
  })

  test('a piece that is not here is said to be so', async () => {
    const page = await app().open('/read/00000000-0000-4000-8000-000000000000', { mayComplain: true })
    await page.getByText('This is not here, or not for you to see.').waitFor()
    await page.goto(`${app().url}/read/nonsense`)
    await page.getByRole('alert').waitFor()
  })

  test('print has the text and its links’ addresses, and none of the frame', async () => {
    const page = await app().open(`/read/${await idOf('The lighthouse, part 2')}`)
    await page.getByText('She has lived there').waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('navigation').count()).toBe(0)
    expect(await page.getByRole('complementary').count()).toBe(0)
    expect(await page.getByText('She has lived there').isVisible()).toBe(true)
  })

  test('authors are found by name, in the address too', async () => {
    const page = await app().open('/authors')
    await page.getByRole('link', { name: 'Mallory Markup' }).waitFor()
    await page.getByLabel('Find an author').fill('ana')
    await expect.poll(() => page.getByRole('link', { name: 'Mallory Markup' }).count()).toBe(0)
    expect(page.url()).toContain('find=ana')
    await page.getByLabel('Find an author').fill('nobody at all')
    await page.getByText('No author has a name like this.').waitFor()
  })

  test('an author’s page has the months of their pieces, as a table too, and the pieces, and asks them alone', async () => {
    const page = await app().open('/authors?find=ana')
    await page.locator('.authors li', { hasText: '13 pieces' }).getByRole('link').click()
    await page.getByText('As a table').click()
    await page.getByRole('row', { name: 'January 2024 2' }).waitFor()
    expect(await page.locator('.pieces li').count()).toBeGreaterThanOrEqual(13)
    await page.getByRole('link', { name: 'Ask this author' }).click()
    await page.getByRole('button', { name: 'Remove the filter by Ana Writer' }).waitFor()
  })
}

function overflow(page: { evaluate(run: () => number): Promise<number> }): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}
