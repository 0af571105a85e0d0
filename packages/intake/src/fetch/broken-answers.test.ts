import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomes } from '../outcome.ts'
import { fetchReasons } from './fetched.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'

const sound = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nETag: "1"\r\nLocation: /next\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
)
const words = [
  'HTTP/1.1 302 Found',
  '\r\n\r\n',
  '\r\n',
  'Content-Length: -1',
  'Content-Length: 5',
  'Transfer-Encoding: gzip',
  'Location: http://[',
  'ffffffffffffffff\r\n',
  '\0',
  '\xff\xfe',
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  'Connection: upgrade',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
  'HTTP/2.0 200\r\n',
  'HTTP/1.1 999 ?\r\n',
]

/** A sound answer with pieces cut out, doubled, or replaced by others. */
const broken = fc
  .array(
    fc.tuple(fc.nat(sound.length), fc.nat(40), fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 }))),
    { maxLength: 4 },
  )
  .map((edits) =>
    edits.reduce(
      (answer, [at, length, insert]) =>
        Buffer.concat([answer.subarray(0, at), Buffer.from(insert, 'latin1'), answer.subarray(at + length)]),
      sound,
    ),
  )

describe('broken answers', () => {
  let server: Server
  let door: GuardedFetch
  let origin: string
  let answer: Uint8Array = sound

  beforeAll(async () => {
    server = createServer((socket: Socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(answer))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    origin = `http://127.0.0.1:${port}`
    door = createGuardedFetch({ allowPrivate: [`127.0.0.1:${port}`], limits: { timeoutMs: 2000 } })
  })
  afterAll(async () => {
    await door.close()
    server.close()
  })

  it('are typed, all of them', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        answer = bytes
        const fetched = await door.fetch(`${origin}/`)
        expect(outcomes).toContain(fetched.outcome)
        if ('reason' in fetched) expect(fetchReasons).toContain(fetched.reason)
        seen.add('reason' in fetched ? fetched.reason : fetched.outcome)
      }),
      {
        numRuns: 600,
        // Met once, as its pieces came: an assertion of the parser itself.
        examples: [[Buffer.concat([Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'), sound])]],
      },
    )
    expect([...seen]).toEqual(expect.arrayContaining(['bad-response', 'bad-encoding', 'ok']))
  }, 60_000)
})
