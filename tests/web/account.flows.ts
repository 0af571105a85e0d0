import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

export function accountFlows(app: () => App): void {
  const balanceOf = async (key: string) => {
    const client = app().client(key)
    return (await client.tokens.balance.query({ userId: (await client.users.me.query()).id })).balance
  }

  test('the balance and every movement are there, by kind, in the address too', async () => {
    const page = await app().open('/tokens', { key: app().keys.ada })
    await page.getByTestId('balance').waitFor()
    await page.getByRole('link', { name: 'Attributions' }).click()
    await page
      .getByRole('row', { name: /to bob · attribution/ })
      .first()
      .waitFor()
    expect(page.url()).toContain('type=attribution')
    await page.getByLabel('Search what is shown').fill('0.05')
    await page.getByRole('row', { name: /0\.05/ }).first().waitFor()
    await page.getByLabel('Search what is shown').fill('no such thing')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(0)
  })

  test('tokens are sent, and the balance changes at once', async () => {
    const before = await balanceOf(app().keys.bob)
    const page = await app().open('/tokens', { key: app().keys.ada })
    await page.getByLabel('To', { exact: true }).fill('bob')
    await page.getByLabel('Amount').fill('1,25')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('1.25 sent to bob.').waitFor()
    expect(Number(await balanceOf(app().keys.bob)) - Number(before)).toBeCloseTo(1.25, 8)
    await page.getByRole('row', { name: /to bob −1\.25/ }).waitFor()
  })

  test('a transfer whose answer is lost is sent again and pays once', async () => {
    const before = await balanceOf(app().keys.bob)
    const page = await app().open('/tokens', { key: app().keys.ada, mayComplain: true })
    let isLossy = true
    await page.route('**/trpc/tokens.transfer**', async (route) => {
      if (!isLossy) return route.continue()
      await route.fetch()
      return route.abort()
    })
    await page.getByLabel('To', { exact: true }).fill('bob')
    await page.getByLabel('Amount').fill('0.5')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('The server cannot be reached').waitFor()
    expect(await page.getByLabel('Amount').inputValue()).toBe('0.5')
    isLossy = false
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('0.5 sent to bob.').waitFor()
    expect(Number(await balanceOf(app().keys.bob)) - Number(before)).toBeCloseTo(0.5, 8)
  })

  test('a transfer that fails is taken back from the page', async () => {
    const page = await app().open('/tokens', { key: app().keys.ada, mayComplain: true })
    const balance = await page.getByTestId('balance').textContent()
    const { promise: isSeen, resolve: see } = Promise.withResolvers<void>()
    await page.route('**/trpc/tokens.transfer**', async (route) => {
      await isSeen
      await route.abort()
    })
    await page.getByLabel('To', { exact: true }).fill('bob')
    await page.getByLabel('Amount').fill('2')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('on its way …').waitFor()
    expect(await page.getByTestId('balance').textContent()).not.toBe(balance)
    see()
    await page.getByText('The server cannot be reached').waitFor()
    await expect.poll(() => page.getByTestId('balance').textContent()).toBe(balance)
    expect(await page.getByText('on its way …').count()).toBe(0)
  })

  test.each([
    ['bob', '0', 'An amount above 0'],
    ['bob', '1e3', 'An amount above 0'],
    ['bob', '99999999', 'You have less than that.'],
    ['nobody-here', '1', 'There is no user “nobody-here”.'],
    ['ada', '1', 'That is you.'],
  ])('%s tokens to %s: the page says what is wrong and keeps what was typed', async (to, amount, message) => {
    const page = await app().open('/tokens', { key: app().keys.ada, mayComplain: true })
    await page.getByLabel('To', { exact: true }).fill(to)
    await page.getByLabel('Amount').fill(amount)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('alert').getByText(message).waitFor()
    expect(await page.getByLabel('Amount').inputValue()).toBe(amount)
  })

  test('a key is made, shown once, copied, and works', async () => {
    const page = await app().open('/keys', {
      key: app().keys.bob,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByLabel('What for').fill('my laptop')
    await page.getByRole('button', { name: 'Make', exact: true }).click()
    const shown = page.getByRole('region', { name: 'The key “my laptop”' })
    const made = (await shown.locator('code').textContent()) ?? ''
    expect(made).toMatch(/^extro_live_/)
    await shown.getByRole('button', { name: 'Copy' }).click()
    await shown.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(made)
    expect((await app().client(made).users.me.query()).username).toBe('bob')
    await page.reload()
    await page.getByRole('heading', { name: 'my laptop' }).waitFor()
    expect(await page.content()).not.toContain(made)
  })

  test('a key is replaced; then it is revoked after a question, and works no more', async () => {
    const bob = app().client(app().keys.bob)
    const { key } = await bob.keys.create.mutate({ name: 'a tablet', scopes: ['read'] })
    const page = await app().open('/keys', { key: app().keys.bob })
    await page.getByRole('button', { name: 'Replace: a tablet' }).first().click()
    await page.getByRole('region', { name: 'The key “a tablet”' }).waitFor()
    const { items } = await bob.keys.list.query()
    const old = items.filter(({ name }) => name === 'a tablet').find(({ prefix }) => key.startsWith(prefix))
    await page
      .locator('.key-list li', { hasText: `${old?.prefix}…` })
      .getByRole('button', { name: /^Revoke/ })
      .click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await page
      .locator('.key-list li', { hasText: `${old?.prefix}…` })
      .getByText(/revoked/)
      .waitFor()
    await expect
      .poll(() =>
        app()
          .client(key)
          .users.me.query()
          .then(
            () => 'works',
            () => 'refused',
          ),
      )
      .toBe('refused')
  })

  test('a key with too few rights is told which it lacks', async () => {
    const page = await app().open('/keys', { key: app().keys.reader, mayComplain: true })
    await page.getByLabel('What for').fill('more power')
    await page.getByRole('button', { name: 'Make', exact: true }).click()
    await page.getByText('Your key may not do this: it lacks the scope write.').waitFor()
    expect(await page.getByLabel('What for').inputValue()).toBe('more power')
  })

  test.each([
    ['hello', 'A key begins with extro_live_'],
    ['extro_live_wrong', 'The server does not know this key'],
  ])('the key %s is refused in words, and stays in the box', async (key, message) => {
    const page = await app().open('/tokens', { mayComplain: true })
    await page.getByRole('button', { name: 'Use a key' }).first().click()
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await page.getByRole('alert').getByText(message).waitFor()
    expect(await page.getByLabel('API key').inputValue()).toBe(key)
  })

  test('a key is in memory alone unless one asks for more', async () => {
    const page = await app().open('/tokens')
    const signIn = async (keep: boolean) => {
      await page.getByRole('button', { name: 'Use a key' }).first().click()
      await page.getByLabel('API key').fill(app().keys.ada)
      if (keep) await page.getByLabel('Keep it until this tab is closed').check()
      await page.getByRole('button', { name: 'Use this key' }).click()
      await page.getByTestId('balance').waitFor()
    }
    await signIn(false)
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain('extro_live_')
    await page.reload()
    await page.getByText('paste a key to see it').waitFor()
    await signIn(true)
    await page.reload()
    await page.getByTestId('balance').waitFor()
    await page.getByRole('button', { name: 'Forget the key' }).click()
    await page.getByText('paste a key to see it').waitFor()
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('extro_live_')
  })

  test('a key that is revoked while the page is open is said to be so; nothing typed is lost, and what is public goes on', async () => {
    const page = await app().open('/cards/new', { key: app().keys.doomed, mayComplain: true })
    await page.getByLabel('Title').fill('Written in time')
    await page.getByLabel('Text', { exact: true }).fill('All of it.')
    const dora = app().client(app().keys.doomed)
    const [own] = (await dora.keys.list.query()).items
    await app()
      .client(app().keys.ada)
      .keys.revoke.mutate({ id: own?.id ?? '' })
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByRole('alert').getByText('Your key is no longer valid').first().waitFor()
    expect(await page.getByLabel('Title').inputValue()).toBe('Written in time')
    expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe('All of it.')
    await page.getByRole('button', { name: 'Use another key' }).click()
    await page.getByLabel('API key').fill(app().keys.bob)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await page.getByRole('button', { name: 'Save as draft' }).click()
    await page.getByRole('heading', { name: 'Written in time' }).waitFor()
  })

  test('two tabs are two people, and each sees what the other published', async () => {
    const first = await app().open('/cards', { key: app().keys.ada })
    const second = await first.context().newPage()
    await second.addInitScript((key) => sessionStorage.setItem('extropy-key', key), app().keys.bob)
    await second.goto(`${app().url}/cards/new`)
    await second.getByLabel('Title').fill('From the other tab')
    await second.getByLabel('Text', { exact: true }).fill('Words.')
    await second.getByRole('button', { name: 'Publish' }).click()
    await second.getByRole('heading', { name: 'From the other tab' }).waitFor()
    await second.getByText('by bob').waitFor()
    await first.reload()
    await first.getByRole('link', { name: 'From the other tab' }).waitFor()
  })

  test('performance shows its figures live; statements and indexes to an admin alone', async () => {
    const anyone = await app().open('/performance')
    await anyone.getByText('Statements, indexes and tables are shown to admins').waitFor()
    await anyone.getByRole('rowheader', { name: 'query.answer' }).waitFor()
    let polls = 0
    anyone.on('request', (request) => {
      if (request.url().includes('health.performance')) polls++
    })
    await expect.poll(() => polls).toBeGreaterThan(0)
    await anyone.getByRole('button', { name: 'Pause' }).click()
    const admin = await app().open('/performance', { key: app().keys.ada })
    await admin.getByRole('heading', { name: 'Indexes' }).waitFor()
  })
}
