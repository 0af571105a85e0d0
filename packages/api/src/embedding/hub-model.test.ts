import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeTinyModel } from '../testing/tiny-model.ts'
import { openFolderEmbedder } from './folder-embedder.ts'
import { fetchHubModel, isHubName } from './hub-model.ts'

const commit = 'c0ffee'
type Twist = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => boolean

/** As a hub does: each file's address leads on to the bytes, and says commit and hash. */
async function openHub(twist: Twist = () => false) {
  const model = makeTinyModel()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const [, place, revision, name = ''] = /^\/(tiny\/words\/resolve|bytes)\/([^/]+)\/(.+)$/.exec(path) ?? []
    const file = join(model, name)
    if (place === undefined || !existsSync(file)) return void response.writeHead(404).end()
    const bytes = readFileSync(file)
    if (place !== 'bytes') {
      const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`
      const headers = { location: `/bytes/${revision}/${name}`, 'x-repo-commit': commit, 'x-linked-etag': etag }
      return void response.writeHead(302, headers).end()
    }
    asked.push(`${revision} ${name} ${request.headers.range ?? 'whole'}`)
    if (twist(request, response, bytes)) return
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from }).end(bytes.subarray(from))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked, options: { model: 'tiny/words', hubUrl, cacheFolder: mkdtempSync(join(tmpdir(), 'models-')) } }
}

test('a model of the hub is downloaded once, all files of one commit, and embeds', async () => {
  const { asked, options } = await openHub()
  const folder = await fetchHubModel(options)
  expect(asked).toEqual(['main tokenizer.json whole', 'c0ffee onnx/model.onnx whole'])
  const embedder = await openFolderEmbedder(folder, { name: options.model })
  onTestFinished(() => embedder.close())
  expect(embedder.model).toMatch(/^tiny\/words-[0-9a-f]{12}$/)
  expect(await embedder.embed(['river'])).toEqual([Float32Array.of(0, 0, 1)])

  expect(await fetchHubModel({ ...options, hubUrl: 'http://127.0.0.1:9' })).toBe(folder)
  // A file that was altered since comes anew.
  writeFileSync(join(folder, 'onnx/model.onnx'), 'x')
  await fetchHubModel(options)
  expect(asked.slice(2)).toEqual(['c0ffee onnx/model.onnx whole'])
})

test('a download that was cut goes on where it stopped, and nothing half is taken for a file', async () => {
  let cuts = 1
  const { asked, options } = await openHub((request, response, bytes) => {
    if (!request.url?.endsWith('model.onnx') || cuts-- <= 0) return false
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 40))
    setTimeout(() => response.destroy(), 50)
    return true
  })
  const folder = await fetchHubModel(options)
  expect(asked.slice(1)).toEqual(['c0ffee onnx/model.onnx whole', 'c0ffee onnx/model.onnx bytes=40-'])
  const embedder = await openFolderEmbedder(folder)
  onTestFinished(() => embedder.close())
  expect(await embedder.embed(['river'])).toEqual([Float32Array.of(0, 0, 1)])
})

test('a file that comes altered is never there, and the message says so', async () => {
  const { options } = await openHub((request, response, bytes) => {
    if (!request.url?.endsWith('model.onnx')) return false
    response.end(Buffer.alloc(bytes.length))
    return true
  })
  await expect(fetchHubModel(options)).rejects.toThrow(/^EMBEDDING_MODEL: tiny\/words \(main\) .* came altered/)
  expect(existsSync(join(options.cacheFolder, 'tiny--words/main/onnx/model.onnx'))).toBe(false)
})

test('no network, no such model and a file beyond the limit are one clear line each', async () => {
  const { options } = await openHub((request, response) => {
    if (!request.url?.endsWith('model.onnx')) return false
    response.writeHead(200, { 'content-length': 3 * 2 ** 30 }).flushHeaders()
    return true
  })
  await expect(fetchHubModel(options)).rejects.toThrow(/has 3221225472 bytes, more than/)
  await expect(fetchHubModel({ ...options, model: 'tiny/none' })).rejects.toThrow(
    /it is not there, or has no tokenizer/,
  )
  const nowhere = { ...options, hubUrl: 'http://127.0.0.1:9', cacheFolder: mkdtempSync(join(tmpdir(), 'models-')) }
  await expect(fetchHubModel(nowhere)).rejects.toThrow(
    /could not be downloaded from http:\/\/127\.0\.0\.1:9: .*Check the name, the network and EMBEDDING_HUB_URL, or give a folder/,
  )
})

test.each([
  ['sentence-transformers/all-MiniLM-L12-v2', true],
  ['./models/mine', false],
  ['/models/mine', false],
  ['../x/y', false],
  ['mine', false],
])('%s is a name on the hub: %s', (text, isName) => {
  expect(isHubName(text)).toBe(isName)
})
