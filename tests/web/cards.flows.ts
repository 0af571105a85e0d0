import { beforeAll, expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

/** An idea, and what somebody made of it. */
const ideas = [
  {
    seed: 'Caching a dependency graph saves most of the rebuild. The linker is the surprising bottleneck.',
    essay:
      'Everybody waits for builds. Caching a dependency graph saves most of the rebuild in our monorepo. The linker is the surprising bottleneck, because it reads all object files.\n\nWe replaced it by a daemon that keeps symbol tables in memory. Garbage collection of stale artifacts runs at night, and a bloom filter tells which archives are worth opening at all.',
  },
  {
    seed: 'Sourdough rises slowly because wild yeast competes with bacteria. A cold kitchen doubles the proofing hours.',
    essay:
      'My grandmother baked every Saturday. Sourdough rises slowly because wild yeast competes with bacteria for the same sugar. A cold kitchen doubles the proofing hours, which is why she kept her bowl beside the stove.\n\nRye flour brings more enzymes than wheat, and a stiff starter tastes milder. Salt slows everything down: weigh it, since spoons lie.',
  },
] as const

export function cardFlows(app: () => App): void {
  let hubId = ''
  beforeAll(async () => {
    const bob = app().client(app().keys.bob)
    const ada = app().client(app().keys.ada)
    const card = (n: number) => ({
      title: `On lamps, ${n}`,
      body: `Lamp *${n}* burns oil.`,
      privacyLevel: 'IDEAS' as const,
      tags: ['lamps'],
    })
    const [hub] = (await bob.cards.publish.mutate({ cards: [{ ...card(0), title: 'The hub of lamps' }] })).published
    hubId = hub?.id ?? ''
    const { published } = await ada.cards.publish.mutate({ cards: Array.from({ length: 60 }, (_, n) => card(n + 1)) })
    for (const { id } of published.slice(0, 45)) {
      await ada.attributions.create.mutate({ sourceCardId: hubId, targetCardId: id, type: 'reply' })
    }
  })

  test('published cards are searched by words and by tag, in the address too', async () => {
    const page = await app().open('/cards')
    await page.getByLabel('Search the cards').fill('hub')
    await page.getByRole('link', { name: 'The hub of lamps' }).waitFor()
    await expect.poll(() => page.getByRole('link', { name: /On lamps/ }).count()).toBe(0)
    expect(page.url()).toContain('find=hub')
    await page.getByRole('link', { name: 'lamps', exact: true }).first().click()
    await expect.poll(() => page.url()).toContain('tag=lamps')
    await page.getByRole('button', { name: 'Show more' }).click()
    await expect.poll(() => page.locator('.cards > li').count()).toBeGreaterThan(30)
  })

  test('a card is written without a key, a key is used, and what was typed is still there and saved', async () => {
    const page = await app().open('/cards/new')
    await page.getByLabel('Title').fill('Typed before the key')
    await page.getByLabel('Text', { exact: true }).fill('A body.')
    await page.getByText('What you type stays here meanwhile.').waitFor()
    await page.getByRole('button', { name: 'Use a key' }).click()
    await page.getByLabel('API key').fill(app().keys.bob)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await page.getByRole('button', { name: 'Forget the key' }).waitFor()
    expect(await page.getByLabel('Title').inputValue()).toBe('Typed before the key')
    await page.getByRole('button', { name: 'Save as draft' }).click()
    await page.getByRole('heading', { name: 'Typed before the key' }).waitFor()
    await page.getByText('Draft', { exact: true }).waitFor()
  })

  test('a private kind says what it means, and cannot be published', async () => {
    const page = await app().open('/cards/new', { key: app().keys.bob })
    await page.getByLabel('Journal').check()
    await page.getByText('It can never be published, and shows in no list').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
    await page.getByLabel('Ideas').check()
    await expect.poll(() => page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(false)
  })

  test('a preview shows the card as it will be, and nothing that runs', async () => {
    const page = await app().open('/cards/new')
    await page
      .getByLabel('Text', { exact: true })
      .fill('Some *words*.\n\n<img src=x onerror="window.hit=1">\n\n[x](javascript:window.hit=1)')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.locator('.preview-box em', { hasText: 'words' }).waitFor()
    expect(await page.locator('.preview-box :is(img, a)').count()).toBe(0)
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
  })

  test('publishing earns a token, editing keeps the rest, taking back hides', async () => {
    const page = await app().open('/cards/new', { key: app().keys.bob })
    await page.getByLabel('Title').fill('Fresh from the page')
    await page.getByLabel('Text', { exact: true }).fill('First words.')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByRole('heading', { name: 'Fresh from the page' }).waitFor()
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Text', { exact: true }).fill('Second words.')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Second words.').waitFor()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('Draft', { exact: true }).waitFor()
    const { items } = await app().client().cards.list.query({ search: 'Fresh' })
    expect(items).toEqual([])
  })

  test('what the server refuses is put back as it was', async () => {
    const bob = app().client(app().keys.bob)
    const [card] = (await bob.cards.publish.mutate({ cards: [{ title: 'Stays', body: 'x', privacyLevel: 'IDEAS' }] }))
      .published
    const page = await app().open(`/cards/${card?.id}`, { key: app().keys.bob, mayComplain: true })
    await page.route('**/trpc/cards.unpublish**', (route) => route.abort())
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('The server cannot be reached').waitFor()
    await page.getByRole('button', { name: 'Take back' }).waitFor()
    expect(await page.getByText('Draft', { exact: true }).count()).toBe(0)
  })

  test('deleting asks first, and Cancel keeps', async () => {
    const bob = app().client(app().keys.bob)
    const { id } = await bob.cards.draft.mutate({ title: 'To be deleted', body: 'x', privacyLevel: 'PRIVATE' })
    const page = await app().open(`/cards/${id}`, { key: app().keys.bob })
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Cards', exact: true }).waitFor()
    await expect(bob.cards.byId.query({ id })).rejects.toThrow()
  })

  test('leaving unsaved words asks first', async () => {
    const page = await app().open('/cards/new')
    await page.getByLabel('Title').fill('Half a thought')
    await page.getByRole('link', { name: 'Authors' }).click()
    await page.getByRole('alertdialog').getByText('not saved yet').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(await page.getByLabel('Title').inputValue()).toBe('Half a thought')
    await page.getByRole('link', { name: 'Authors' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('heading', { name: 'Authors' }).waitFor()
  })

  test('an attribution names its price and the balance after it, and pays', async () => {
    const page = await app().open(`/cards/${hubId}`, { key: app().keys.ada })
    await page.getByLabel(/Remix · 0.5 tokens/).check()
    await page.getByText(/You have [\d.]+; afterwards [\d.]+\./).waitFor()
    await page.getByLabel('Your card').selectOption({ index: 2 })
    await page.getByRole('button', { name: 'Attribute, for 0.5 tokens' }).click()
    await page.getByText('Done: 0.5 tokens went to its author.').waitFor()
    await page.getByText('remixed').first().waitFor()
  })

  test('nobody attributes their own card, nor what they cannot pay', async () => {
    const own = await app().open(`/cards/${hubId}`, { key: app().keys.bob })
    await own.getByText('This card is yours').waitFor()
    const anyone = await app().open(`/cards/${hubId}`)
    await anyone.getByText('paste a key to see it').waitFor()
  })

  test('a card’s neighbourhood is drawn, walked by arrow keys, and opened by Enter', async () => {
    const page = await app().open(`/cards/${hubId}`)
    await expect.poll(() => page.locator('.graph .node').count()).toBeGreaterThan(40)
    const centre = page.locator('.graph .node-centre')
    await centre.focus()
    await page.keyboard.press('ArrowRight')
    const focused = page.locator('.graph .node:focus')
    expect(await focused.getAttribute('aria-label')).toMatch(/On lamps, \d+, by ada, one step away/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /On lamps/ }).waitFor()
  })

  test('the same neighbourhood is a list, and its depth is in the address', async () => {
    const page = await app().open(`/cards/${hubId}`)
    await page.getByRole('link', { name: 'As a list' }).click()
    await page.locator('.graph-list').getByText('one step away').waitFor()
    await page.getByLabel('Steps').focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.url()).toContain('depth=2')
    expect(page.url()).toContain('as=list')
  })

  test('somebody else’s private card looks like none at all', async () => {
    const { id } = await app()
      .client(app().keys.ada)
      .cards.draft.mutate({ title: 'Secret', body: 'x', privacyLevel: 'JOURNAL' })
    const page = await app().open(`/cards/${id}`, { key: app().keys.bob, mayComplain: true })
    await page.getByText('This is not here, or not for you to see.').waitFor()
  })

  /** Ada's idea and Bob's essay, once the server has compared them. */
  async function propose({ seed, essay }: (typeof ideas)[number], name: string) {
    const [ada, bob] = [app().client(app().keys.ada), app().client(app().keys.bob)]
    const card = (title: string, body: string) => ({ cards: [{ title, body, privacyLevel: 'IDEAS' as const }] })
    const [older] = (await ada.cards.publish.mutate(card(`${name}, in short`, seed))).published
    await bob.cards.publish.mutate(card(`${name}, at length`, essay))
    const proposed = async () => {
      const { items } = await bob.attributions.proposals.query({})
      return items.some(({ sourceCardId }) => sourceCardId === older?.id)
    }
    await expect.poll(proposed, { timeout: 30_000 }).toBe(true)
    return { sourceId: older?.id ?? '' }
  }

  test('a proposed attribution shows both sentences and its price, comes back where it fails, and is paid once', async () => {
    const { sourceId } = await propose(ideas[0], 'Builds')
    const page = await app().open('/cards', { key: app().keys.bob, mayComplain: true })
    await page.getByRole('link', { name: 'Yours 1 proposal' }).click()
    const proposals = page.getByRole('region', { name: 'Proposed to you' })
    const item = proposals.getByRole('listitem').filter({ hasText: 'Builds, in short' })
    await item.getByText('The linker is the surprising bottleneck.', { exact: true }).waitFor()
    await item.getByText('The linker is the surprising bottleneck, because it reads').waitFor()
    await item.getByText(/You have [\d.]+; afterwards [\d.]+\./).waitFor()
    const keys: (string | undefined)[] = []
    await page.route('**/trpc/attributions.acceptProposal**', (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      return keys.length === 1 ? route.abort() : route.continue()
    })
    const accept = item.getByRole('button', { name: 'Attribute, for 0.5 tokens' })
    await item.getByRole('combobox').selectOption('remix')
    await accept.click()
    await proposals.getByText('The server cannot be reached').waitFor()
    await item.getByRole('combobox').selectOption('remix')
    await accept.click()
    await proposals.getByText(/^Done: 0.5 tokens went to ada. You have [\d.]+\.$/).waitFor()
    expect(keys[0]).toBeTruthy()
    expect(keys).toEqual([keys[0], keys[0]])
    expect(await item.count()).toBe(0)
    const counts = await app().client().attributions.counts.query({ cardId: sourceId })
    expect(counts.remix.count).toBe(1)

    const other = await app().open('/cards?of=mine', { key: app().keys.ada })
    await other.locator('.cards > li').first().waitFor()
    expect(await other.locator('.proposals').count()).toBe(0)
  })

  test('a proposal is refused for good, in German too', async () => {
    const { sourceId } = await propose(ideas[1], 'Bread')
    const page = await app().open('/cards?of=mine', {
      key: app().keys.bob,
      before: (each) => each.addInitScript(() => localStorage.setItem('language', 'de')),
    })
    const proposals = page.getByRole('region', { name: 'Dir vorgeschlagen' })
    await proposals.getByRole('link', { name: 'Bread, in short' }).waitFor()
    await proposals.getByRole('button', { name: 'Ablehnen' }).click()
    await proposals.getByText('Abgelehnt: Es wird nicht wieder vorgeschlagen.').waitFor()
    expect(await proposals.getByRole('listitem').count()).toBe(0)
    const { items } = await app().client(app().keys.bob).attributions.proposals.query({})
    expect(items.some(({ sourceCardId }) => sourceCardId === sourceId)).toBe(false)
  })
}
