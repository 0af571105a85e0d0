import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTemplate, createTestDatabase, createTestFolder, removeTemplate } from '@extropy/db/testing'
import { type LoopbackSite, startLoopbackSite } from '@extropy/intake/testing'
import { run, startServer } from '@extropy/server/testing'
import { expect, onTestFinished, test } from 'vitest'

/*
 * A person names a writer, and Extropy keeps up: the whole product against a web site of the test's own.
 */

const prose = (subject: string) =>
  Array.from(
    { length: 5 },
    (_, n) =>
      `<p>In part ${n} the ${subject} is told at some length, so that a reader, and a program that looks for articles, can see that this is one.</p>`,
  ).join('')

interface Post {
  readonly path: string
  readonly title: string
  readonly html: string
}

const harbour: Post = {
  path: '/harbour',
  title: 'The harbour of Vantorp',
  html: `<p>The harbourmaster of Vantorp, Ingela Brask, closed the eastern lock in March because the hinges had rusted through.</p>${prose('harbour')}`,
}
const gulls: Post = { path: '/gulls', title: 'Counting gulls', html: prose('gull') }

const item = ({ path, title, html }: Post, origin: string) =>
  `<item><title>${title}</title><link>${origin}${path}</link><guid>${origin}${path}</guid><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate><content:encoded><![CDATA[${html}]]></content:encoded></item>`

/** A site with a feed, a map and a robots.txt; the feed may take its time. */
async function startBlog(posts: readonly Post[], { feedDelayMs = 0 } = {}): Promise<LoopbackSite> {
  const answer =
    (type: string, body: (origin: string) => string, delayMs = 0) =>
    async ({ headers }: IncomingMessage, response: ServerResponse) => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
      response.writeHead(200, { 'content-type': type, etag: '"1"' }).end(body(`http://${headers.host}`))
    }
  const page = ({ title, html }: Post) =>
    `<html><head><title>${title}</title></head><body><article><h1>${title}</h1>${html}</article></body></html>`
  const site = await startLoopbackSite({
    '/robots.txt': { body: 'User-agent: *\nDisallow: /private\n', headers: { 'content-type': 'text/plain' } },
    '/': answer(
      'text/html',
      () =>
        `<html><head><title>Vantorp Notes</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>${posts.map(({ path, title }) => `<a href="${path}">${title}</a>`).join(' ')}</body></html>`,
    ),
    '/feed.xml': answer(
      'application/rss+xml',
      (origin) =>
        `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Vantorp Notes</title><link>${origin}/</link>${posts.map((post) => item(post, origin)).join('')}</channel></rss>`,
      feedDelayMs,
    ),
    '/sitemap.xml': answer(
      'application/xml',
      (origin) =>
        `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${posts.map(({ path }) => `<url><loc>${origin}${path}</loc></url>`).join('')}</urlset>`,
    ),
    ...Object.fromEntries(posts.map((post) => [post.path, answer('text/html', () => page(post))])),
  })
  onTestFinished(() => site.close())
  return site
}

const command = async (name: string, args: readonly string[], env: Record<string, string>) => {
  const process = run(`apps/server/src/cli/${name}.ts`, args, env)
  return { status: await process.exit(), output: process.output() }
}

const titlesOf = async (url: string) => {
  const response = await fetch(`${url}/api/contents?limit=100`)
  const { items } = (await response.json()) as { items: { title: string }[] }
  return items.map(({ title }) => title).sort()
}

/** A migrated folder of the embedded database. */
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-intake-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return createTestFolder(folder)
}

/** A database with a server on it; `env` is what its commands run with too. */
async function serve(site: LoopbackSite) {
  const folder = await emptyFolder()
  const env = { DATABASE_URL: folder, FETCH_ALLOW_PRIVATE: site.host, LOG_LEVEL: 'error' }
  const start = async () => {
    const server = await startServer(env)
    onTestFinished(() => void server.child.kill('SIGKILL'))
    return server
  }
  return { env, start, server: await start(), folder }
}

test('a site that is followed beside a running server answers the next question, with a receipt', async () => {
  const site = await startBlog([harbour, gulls])
  const { env, server, folder } = await serve(site)

  const followed = await command('follow', [site.origin], env)
  expect(followed).toEqual({
    status: 0,
    output: expect.stringMatching(
      /^127\.0\.0\.1:\d+ \(web site\)\n( {2}asking http.*\n)+ {2}ok: 2 posts of Vantorp Notes\. 2 contents\.\n {2}looked at next in .*: .+\n$/,
    ),
  })
  expect((await command('follow', [site.origin], env)).output).toContain('followed already, active')
  expect((await command('jobs', [], env)).output).toMatch(/scrape\.fetch +127\.0\.0\.1:\d+ +succeeded +1\/5/)
  expect((await command('sources', [], env)).output).toMatch(/web +127\.0\.0\.1:\d+ +active +in .*ok: 2 posts/)

  const asked = await command('ask', ['who is the harbourmaster of Vantorp'], env)
  expect(asked).toEqual({ status: 0, output: expect.stringMatching(/Ingela Brask.* \[1\]/) })
  expect(asked.output).toContain(`[1] The harbour of Vantorp (Vantorp Notes, 2026-01-01)\n    ${site.origin}/harbour`)
  const answer = await fetch(`${server.url}/query/answer?prompt=who+is+the+harbourmaster+of+Vantorp`)
  const [, receipt] = /"receipts":\[\{"id":"([^"]+)"/.exec(await answer.text()) ?? []
  expect(await (await fetch(`${server.url}/api/receipts/${receipt}`)).json()).toMatchObject({
    status: 'unchanged',
    source: expect.stringContaining('Ingela Brask'),
    sourceUrl: `${site.origin}/harbour`,
  })

  expect(site.requests.filter(({ path }) => path === '/robots.txt')).toHaveLength(1)
  for (const [index, { startedAt }] of site.requests.slice(1).entries()) {
    expect(startedAt - (site.requests[index]?.startedAt ?? 0)).toBeGreaterThanOrEqual(1000)
  }

  // The door: for this user alone, and gone with the server.
  if (process.platform !== 'win32') expect((await stat(join(folder, 'door'))).mode & 0o777).toBe(0o600)
  server.child.kill('SIGTERM')
  expect(await server.exit()).toBe(0)
  await expect(stat(join(folder, 'door'))).rejects.toThrow('ENOENT')
})

test('a look that kill -9 interrupts is finished by the next server, within half a minute and with nothing twice', async ({
  annotate,
}) => {
  const site = await startBlog([harbour, gulls], { feedDelayMs: 3000 })
  const { env, server, start, folder } = await serve(site)
  const follow = run('apps/server/src/cli/follow.ts', [site.origin], env)
  onTestFinished(() => void follow.child.kill('SIGKILL'))
  await expect.poll(() => site.requests.map(({ path }) => path), { timeout: 30_000 }).toContain('/feed.xml')
  const stale = JSON.parse(await readFile(join(folder, 'door'), 'utf8')) as { url: string; key: string }
  server.child.kill('SIGKILL')
  await server.exit()
  follow.child.kill('SIGKILL')

  const again = await start()
  const startedAt = performance.now()
  await expect.poll(() => titlesOf(again.url), { timeout: 30_000 }).toEqual(['Counting gulls', harbour.title])
  await expect
    .poll(async () => (await command('jobs', [], env)).output, { timeout: 30_000 })
    .toMatch(/scrape\.fetch +127\.0\.0\.1:\d+ +succeeded +2\/5/)
  await annotate(`finished ${((performance.now() - startedAt) / 1000).toFixed(1)} s after the next start`)
  expect(await titlesOf(again.url)).toHaveLength(2)
  // The killed server's key opens nothing.
  const headers = { authorization: `Bearer ${stale.key}` }
  expect((await fetch(`${again.url}/api/jobs`, { headers })).status).toBe(401)
})

test('what a killed server left in its folder sends no command to whoever has its port by now', async () => {
  const site = await startBlog([gulls])
  const { env, server, folder } = await serve(site)
  server.child.kill('SIGKILL')
  await server.exit()
  const { port } = new URL((JSON.parse(await readFile(join(folder, 'door'), 'utf8')) as { url: string }).url)
  const asked: string[] = []
  const stranger = createServer(({ url = '' }, response) => response.end(asked.push(url))).listen(Number(port))
  onTestFinished(() => void stranger.close())
  expect(await command('sources', [], env)).toEqual({
    status: 0,
    output: expect.stringContaining('Nothing is followed'),
  })
  await expect(stat(join(folder, 'door'))).rejects.toThrow('ENOENT')
  expect(asked).toEqual([])
})

// A dozen processes, each of which loads the packages anew.
test('without a server the command looks itself, and says who keeps up', { timeout: 240_000 }, async () => {
  const site = await startBlog([harbour, gulls])
  const env = { DATABASE_URL: await emptyFolder(), FETCH_ALLOW_PRIVATE: site.host }
  const wrong = await command('follow', [`${site.origin}/`, `${site.origin}/none.xml`, '@ada', 'ada@example.org'], env)
  expect(wrong.status).toBe(1)
  expect(wrong.output).toContain('ok: 2 posts of Vantorp Notes')
  expect(wrong.output).toMatch(/none\.xml \(rss feed\)\n.*\n {2}gone: .*404.*\n.*failed 1 time/)
  expect(wrong.output).toMatch(/@ada\n.*youtube and twitter/)
  expect(wrong.output).toMatch(/ada@example\.org\n.*mail address/)
  expect(wrong.output).toContain('A server keeps up from now on')
  const listed = (await command('sources', [], env)).output
  expect(listed).toMatch(/^id .*\n\S+ +rss .* failing .*\n\S+ +web .* active .*\n$/)
  const [, id = ''] = /^([0-9a-f]{8}) +web/m.exec(listed) ?? []
  expect((await command('sources', ['pause', id], env)).output).toContain('is paused')
  expect((await command('sources', ['show', id], env)).output).toMatch(/ok +200 +allowed +http.*\/feed\.xml/)
  const { output: opml } = await command('sources', ['opml'], env)
  expect(opml).toContain('/feed.xml"')
  const file = join(env.DATABASE_URL, 'more.opml')
  await writeFile(file, opml.replace('</body>', '<outline type="rss" xmlUrl="https://example.org/feed"/></body>'))
  expect((await command('follow', [file], env)).output).toContain('more.opml: 2 feeds added, 1 followed already')
  expect((await command('follow', ['none.opml'], env)).status).toBe(2)
  expect((await command('sources', ['remove', id], env)).output).toContain('no longer followed')
  expect(await command('sources', ['show', id], env)).toEqual({
    status: 1,
    output: expect.stringContaining('No source is called'),
  })
})

test.runIf(process.env.TEST_DATABASE_URL)(
  'on PostgreSQL the command looks itself beside a running server, which has it in its next answer',
  { timeout: 240_000 },
  async () => {
    const template = await createTemplate(process.env.TEST_DATABASE_URL)
    const database = await createTestDatabase(template)
    onTestFinished(async () => {
      await database.close()
      await removeTemplate(template)
    })
    const site = await startBlog([harbour, gulls])
    const env = { DATABASE_URL: database.url, FETCH_ALLOW_PRIVATE: site.host, LOG_LEVEL: 'error' }
    const server = await startServer(env)
    onTestFinished(() => void server.child.kill('SIGKILL'))
    expect(await titlesOf(server.url)).toEqual([])
    const followed = await command('follow', [site.origin], env)
    expect(followed).toEqual({
      status: 0,
      output: expect.stringContaining('ok: 2 posts of Vantorp Notes. 2 contents.'),
    })
    await expect.poll(() => titlesOf(server.url), { timeout: 5000 }).toEqual(['Counting gulls', harbour.title])
    const { lanes } = await database.db
      .selectFrom('hostLanes')
      .select(({ fn }) => fn.countAll<number>().as('lanes'))
      .where('lane', 'not like', 'task:%')
      .executeTakeFirstOrThrow()
    expect(Number(lanes)).toBe(1)
  },
)

test('a hundred new posts of a feed are found as soon as it has come', async ({ annotate }) => {
  const posts = Array.from({ length: 100 }, (_, n) => ({
    path: `/post-${n}`,
    title: `Post number ${n}`,
    html: `<p>Word${n}zylo stands only here.</p>${prose(`subject ${n}`)}`,
  }))
  const site = await startBlog(posts)
  const { env, server } = await serve(site)
  const following = command('follow', [`${site.origin}/feed.xml`, '--limit', '200'], env)
  const fetchedAt = () => site.requests.find(({ path }) => path === '/feed.xml')?.endedAt
  await expect.poll(fetchedAt, { timeout: 60_000, interval: 10 }).toBeGreaterThan(0)
  const isFound = async (n: number) => {
    const found = await fetch(`${server.url}/query/rag?prompt=word${n}zylo&nResults=1`)
    const { results } = (await found.json()) as { results: { content: { title: string } }[] }
    return results[0]?.content.title === `Post number ${n}`
  }
  await expect.poll(async () => (await isFound(99)) && (await isFound(0)), { timeout: 60_000, interval: 50 }).toBe(true)
  await annotate(
    `100 posts are searchable ${((performance.now() - (fetchedAt() ?? 0)) / 1000).toFixed(1)} s after the feed was there`,
  )
  expect((await following).output).toContain('100 contents')
  expect(await titlesOf(server.url)).toHaveLength(100)
})
