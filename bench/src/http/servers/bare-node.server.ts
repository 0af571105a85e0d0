import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listening, setting } from './listening.ts'

/** The limit: `node:http`, writing the same bytes whatever is asked. */
const body = readFileSync(setting('ANSWER_FILE'))
const headers = { 'content-type': setting('ANSWER_TYPE'), 'content-length': body.byteLength }

const server = createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port))
