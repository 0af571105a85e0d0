import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@extropy/client'
import { expect, onTestFinished, test, vi } from 'vitest'

/** A server whose answers have these stamps in turn, and the stamps that it is sent. */
async function stampWith(given: readonly (string | undefined)[]) {
  const seen: unknown[] = []
  const server = createServer((request, response) => {
    const stamp = given[seen.length]
    seen.push(request.headers['extropy-stamp'])
    if (stamp !== undefined) response.setHeader('Extropy-Stamp', stamp)
    response.setHeader('content-type', 'application/json').end('{"result":{"data":{}}}')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { seen, client: createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }) }
}

test('a client sends the newest stamp that it has had, in whichever order the answers came', async () => {
  const given = ['0000000000000010b', '000000000000000Fa', undefined, '0000000000000011c', undefined]
  const { seen, client } = await stampWith(given)
  for (const _ of given) await client.users.list.query({})
  expect(seen).toEqual([undefined, given[0], given[0], given[0], given[3]])
})

test('a stamp that no answer has reached for a minute is given up: the database is another one by now', async () => {
  const clock = vi.spyOn(performance, 'now')
  onTestFinished(() => clock.mockRestore())
  const [high, low] = ['0000000000000FFFa', '0000000000000001b']
  const { seen, client } = await stampWith([high, low, low, high, low, low, low, undefined])
  const at = performance.now()
  const ask = (afterMs: number) => {
    clock.mockReturnValue(at + afterMs)
    return client.users.list.query({})
  }
  await ask(0)
  for (const afterMs of [100_000, 130_000, 155_000]) await ask(afterMs)
  // One answer has reached it meanwhile: the minute begins anew.
  for (const afterMs of [170_000, 220_000, 231_000]) await ask(afterMs)
  await ask(232_000)
  expect(seen).toEqual([undefined, high, high, high, high, high, high, low])
})
