import { expect, onTestFinished, test } from 'vitest'
import { createFakeTools } from '../testing/fake-tools.ts'
import { fetch } from './fetch.ts'
import { plan } from './plan.ts'

const url = 'https://example.org/feed.xml'
const long = 'It is told at length here, with all that belongs to it, so that nobody has to ask for the page. '.repeat(
  8,
)
const item = (n: number) =>
  `<item><guid>https://example.org/?p=${n}&amp;x=1</guid><link>https://example.org/${n}</link><title>Part ${n}</title><description>${long}</description></item>`

async function documentsOf(body: string) {
  const tools = createFakeTools({ [url]: { body, headers: { 'content-type': 'application/xml', etag: '"1"' } } })
  onTestFinished(() => tools.close())
  const round = await fetch(plan(url), tools, { limit: 20, memory: {} })
  return round.articles.map(({ origin }) => origin)
}

test('an entry has its own part of the feed as it was written, and nothing of the feed around it', async () => {
  const self =
    '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="https://example.org/feed.xml?secret=1"/>'
  const feed = `<rss version="2.0"><channel><title>Notes</title>${self}${item(1)}\n${item(2)}</channel></rss>`
  expect(await documentsOf(feed)).toMatchObject([
    { document: item(1), url, status: 200, etag: '"1"' },
    { document: item(2), url },
  ])
})

test('an entry of a JSON feed is its own JSON; one that is not found in the feed has none', async () => {
  const items = [1, 2].map((n) => ({
    id: `id-${n}`,
    url: `https://example.org/${n}`,
    title: `Part ${n}`,
    content_text: long,
  }))
  const feed = JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'Notes', items })
  expect((await documentsOf(feed)).map((origin) => JSON.parse(String(origin?.document)))).toEqual(items)
  const broken = `<rss version="2.0"><channel><title>Notes</title><item><title>Never closed</title><guid>1</guid><description>${long}</description>`
  for (const origin of await documentsOf(broken)) expect(origin?.document).toBeUndefined()
})
