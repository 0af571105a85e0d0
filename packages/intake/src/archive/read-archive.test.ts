import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readAll, readFiles, withFiles } from './testing/read-files.ts'
import { writeBigZip } from './testing/write-big-zip.ts'

test('formats are told by content, whatever a file is called', async () => {
  const { items, feeds } = await readFiles({
    'one.txt': 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nSaid.\n',
    'two.bak': '<opml version="2.0"><body><outline xmlUrl="https://a.example.org/f"/></body></opml>',
    'three.html': '---\ntitle: T\n---\nText.',
  })
  expect(items.map(({ kind }) => kind)).toEqual(['transcript', 'post'])
  expect(feeds).toHaveLength(1)
})

test('UTF-16, Latin-1 and gzip are read', async () => {
  const { items } = await readFiles({
    'a.md': Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from('# Dünen\n\nSand.', 'utf16le')]),
    'b.md': Buffer.from(`# Über Dünen\n\n${'Die Dünen wandern über Jahre. '.repeat(20)}`, 'latin1'),
    'c.md.gz': gzipSync('# Dünen\n\nSand.'),
  })
  expect(items.map(({ title }) => title)).toEqual(['Dünen', 'Über Dünen', 'Dünen'])
})

test.each([
  ['a picture', { 'bookmarks.html': Buffer.from('89504e470d0a1a0a', 'hex') }, /bookmarks\.html is a picture|PNG/],
  ['a web page', { 'a.html': '<html><body>Sign in</body></html>' }, /a\.html is a web page/],
  ['a feed', { 'a.xml': '<?xml version="1.0"?><rss version="2.0"></rss>' }, /pnpm follow/],
  ['a table of other things', { 'a.csv': 'name,size\na,1\n' }, /the columns name, size: it needs source_url/],
])('%s is refused with what it is and with what can be read', async (_, files, message) => {
  await expect(readFiles(files)).rejects.toThrow(message)
  await expect(readFiles(files)).rejects.toThrow(/What can be read: exports of X/)
})

test('an empty folder, an empty file and a missing one have their codes', async () => {
  await withFiles({ 'a.md': '' }, async (folder) => {
    await expect(readAll(folder)).rejects.toMatchObject({ code: 'empty' })
    await expect(readAll(join(folder, 'a.md'))).rejects.toMatchObject({ code: 'empty' })
    await expect(readAll(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('deeply nested and endless HTML is a problem, and ends in time', async () => {
  const nested = `<html><body><article class="h-entry"><h1 class="p-name">N</h1><section data-field="body">${'<div>'.repeat(200_000)}</section></article>`
  const { items, problems } = await readFiles({ 'posts/a.html': nested, 'b.md': 'Text.' })
  expect(items).toHaveLength(0)
  expect(problems).toEqual(['too-large posts/a.html'])
})

test('a reading goes on behind any event as if it had never stopped', async () => {
  const post = (n: number) => `{"source_url":"https://a.example.org/${n}","title":"${n}"}`
  const files = { 'a.jsonl': [1, 2, 3].map(post).join('\n'), 'b.md': 'Text.', 'c.json': `[${post(4)},{},${post(5)}]` }
  await withFiles(files, async (folder) => {
    const { events } = await readAll(folder)
    expect(events).toHaveLength(8)
    for (const [at, event] of events.slice(0, -1).entries()) {
      if (event.type === 'end') throw new Error('The end comes last.')
      expect((await readAll(folder, { after: event.position })).events).toEqual(events.slice(at + 1))
    }
    await expect(readAll(folder, { after: 'nonsense' })).rejects.toMatchObject({ code: 'bad-position' })
  })
})

test('a signal ends the reading', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(readFiles({ 'a.md': 'Text.' }, { signal })).rejects.toThrow('enough')
})

test('a script of 40 MB in a zip is read with a heap of 32 MB', async () => {
  await withFiles({ 'a.md': '' }, async (folder) => {
    const path = join(folder, 'big.zip')
    const { posts } = await writeBigZip(path, 40_000_000)
    const child = fileURLToPath(new URL('./testing/read-in-child.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=32', child, path])
    expect(JSON.parse(stdout)).toMatchObject({ items: posts })
  })
})
