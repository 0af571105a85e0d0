import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { makeZip, type ZipPart } from '../testing/make-zip.ts'
import { readAll, readFiles, withFiles } from '../testing/read-files.ts'

const good: ZipPart = { name: 'a.md', bytes: 'Text.' }

const readZip = (bytes: Buffer) =>
  withFiles({ 'archive.zip': bytes }, async (folder) => readAll(join(folder, 'archive.zip')))

test('a zip and the folder that it was made of are read alike', async () => {
  const parts = [good, { name: 'sub/b.md', bytes: '# B\n\nMore.' }]
  const zip = await readZip(makeZip(parts))
  const folder = await withFiles(Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes])), (path) =>
    readAll(path),
  )
  expect(zip.items.map(({ id, title, body }) => [id, title, body])).toEqual(
    folder.items.map(({ id, title, body }) => [id, title, body]),
  )
  expect(zip.items.map(({ url }) => url)).toEqual([
    'urn:extropy:file:archive/a.md',
    'urn:extropy:file:archive/sub/b.md',
  ])
})

test.each(['../evil.md', 'sub/../../evil.md', '/etc/evil.md', 'C:/evil.md', '..\\evil.md'])(
  'a zip with an entry %j is refused before anything of it is read',
  async (name) => {
    await expect(readZip(makeZip([good, { name, bytes: 'Evil.' }]))).rejects.toMatchObject({ code: 'unsafe-name' })
  },
)

test('a link is named and not followed', async () => {
  const { items, problems } = await readZip(makeZip([good, { name: 'link.md', bytes: '/etc/passwd', mode: 0o120777 }]))
  expect(items).toHaveLength(1)
  expect(problems).toEqual(['symlink link.md'])
})

const zeros = Buffer.alloc(80 * 2 ** 20)

test('bombs are refused: by one entry, by many, by an entry that says that it is small', async () => {
  await expect(readZip(makeZip([good, { name: 'b.md', bytes: zeros }]))).rejects.toMatchObject({ code: 'bomb' })
  const many = Array.from({ length: 9 }, (_, n) => ({ name: `${n}.md`, bytes: zeros.subarray(0, 2 ** 23) }))
  await expect(readZip(makeZip(many))).rejects.toMatchObject({ code: 'bomb' })
  const liar = await readZip(makeZip([good, { name: 'b.md', bytes: zeros, claimedSize: 100 }]))
  expect(liar.items).toHaveLength(1)
  expect(liar.problems).toEqual(['unreadable b.md'])
})

test('a zip of more than 500,000 entries is a bomb before one of them is looked at; one of some thousands is read', async () => {
  await expect(readZip(makeZip([good], { claimedEntries: 500_001 }))).rejects.toMatchObject({
    code: 'bomb',
    message: 'has more than 500000 entries',
  })
  await expect(readZip(makeZip([good], { claimedEntries: 500_000 }))).rejects.toMatchObject({ code: 'cut' })
  const many = Array.from({ length: 3000 }, (_, n) => ({ name: `pictures/${n}.jpg`, bytes: '' }))
  expect((await readZip(makeZip([good, ...many]))).items).toHaveLength(1)
})

test('gzip in an archive that unpacks to 200 times its size, and 64 MiB, is a bomb', async () => {
  const bomb = gzipSync(Buffer.alloc(65 * 2 ** 20, 'words '))
  await expect(readFiles({ 'a.md': 'Text.', 'b.md.gz': bomb })).rejects.toMatchObject({ code: 'bomb' })
  const small = gzipSync(Buffer.alloc(2 ** 20, 'words '))
  expect((await readFiles({ 'a.md': 'Text.', 'b.md.gz': small })).items).toHaveLength(2)
})

test('encrypted, cut, empty and mere beginnings of zips are refused with their reason', async () => {
  const whole = makeZip([good])
  const cases: [Buffer, string][] = [
    [makeZip([{ ...good, encrypted: true }]), 'encrypted'],
    [whole.subarray(0, whole.length - 10), 'cut'],
    [whole.subarray(0, 30), 'cut'],
    [makeZip([]), 'empty'],
    [Buffer.alloc(0), 'empty'],
  ]
  for (const [bytes, code] of cases) await expect(readZip(bytes)).rejects.toMatchObject({ name: 'ArchiveError', code })
})

test('damage in one entry leaves the others alone', async () => {
  const bytes = makeZip([
    { name: 'a.md', bytes: 'Text '.repeat(50) + Math.PI },
    { name: 'b.md', bytes: 'Text.' },
  ])
  bytes.fill(0xff, 36, 46)
  const { items, problems } = await readZip(bytes)
  expect(items.map(({ id }) => id)).toEqual(['b.md'])
  expect(problems).toEqual(['unreadable a.md'])
})

test('a zip inside a zip is read, one inside of that is named', async () => {
  const inner = makeZip([{ name: 'inner.md', bytes: 'Inner.' }])
  const { items, problems } = await readZip(
    makeZip([
      { name: 'one.zip', bytes: inner },
      {
        name: 'two.zip',
        bytes: makeZip([
          { name: 'a.md', bytes: 'A.' },
          { name: 'three.zip', bytes: inner },
        ]),
      },
      { name: 'bad.zip', bytes: makeZip([{ name: '../evil.md', bytes: 'Evil.' }]) },
    ]),
  )
  expect(items.map(({ id }) => id)).toEqual(['inner.md', 'a.md'])
  expect(problems).toEqual(['unreadable bad.zip!', 'nested-zip two.zip!three.zip!'])
})

test('what unpackers and systems leave in zips is no content', async () => {
  const { items } = await readZip(
    makeZip([good, { name: '__MACOSX/._a.md', bytes: 'No.' }, { name: '.DS_Store', bytes: 'No.' }]),
  )
  expect(items).toHaveLength(1)
})

test('a folder of zips is read as a folder of exports', async () => {
  await withFiles({ 'one.zip': makeZip([good]), 'b.md': 'B.' }, async (folder) => {
    await writeFile(join(folder, 'two.zip'), makeZip([good]))
    const { items } = await readAll(folder)
    expect(items.map(({ url }) => url)).toEqual([
      'urn:extropy:file:export/b.md',
      'urn:extropy:file:one/a.md',
      'urn:extropy:file:two/a.md',
    ])
  })
})
