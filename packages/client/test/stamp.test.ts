import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@extropy/client'
import { expect, test } from 'vitest'

test('a client sends the newest stamp that it has had, in whichever order the answers came', async () => {
  const seen: unknown[] = []
  const given = ['0000000000000010b', '000000000000000Fa', undefined, '0000000000000011c', undefined]
  const server = createServer((request, response) => {
    const stamp = given[seen.length]
    seen.push(request.headers['extropy-stamp'])
    if (stamp !== undefined) response.setHeader('Extropy-Stamp', stamp)
    response.setHeader('content-type', 'application/json').end('{"result":{"data":{}}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  for (const _ of given) await client.users.list.query({})
  expect(seen).toEqual([undefined, given[0], given[0], given[0], given[3]])
  server.close()
})
