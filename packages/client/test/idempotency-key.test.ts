import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, withIdempotencyKey } from '@extropy/client'
import { expect, test } from 'vitest'

test('a call carries its API key, and the Idempotency-Key that it was given', async () => {
  const seen: (string | string[] | undefined)[][] = []
  const server = createServer((request, response) => {
    seen.push([request.headers.authorization, request.headers['idempotency-key']])
    response.setHeader('content-type', 'application/json').end('{"result":{"data":{}}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'k' })
  const input = { toUserId: '00000000-0000-4000-8000-000000000000', amount: '1' }
  await client.tokens.transfer.mutate(input, withIdempotencyKey('rent-1'))
  await client.tokens.transfer.mutate(input)
  expect(seen).toEqual([
    ['Bearer k', 'rent-1'],
    ['Bearer k', undefined],
  ])
  server.close()
})
