import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { watchServer } from './watched-server.ts'

/** What a server, or the pooler before it, says to each question; undefined: nothing. */
type Row = Readonly<Record<'is_standby' | 'lsn' | 'received' | 'started_at', string>>

/** A server of a few words of PostgreSQL's protocol. */
async function speak(say: () => Row | undefined) {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]))
      socket.on('data', (asked) => {
        const row = say()
        if (asked[0] === 0x51 && row !== undefined) socket.write(answerOf(row))
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const watched = watchServer(`postgres://u@127.0.0.1:${port}/d`)
  onTestFinished(async () => {
    await watched.close()
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { watched, open }
}

const int32 = (n: number) => Buffer.from(Uint32Array.of(n).buffer).swap32()
const int16 = (n: number) => Buffer.from(Uint16Array.of(n).buffer).swap16()
const message = (kind: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(kind), int32(body.length + 4), body])
}
const ready = message('Z', Buffer.from('I'))
function answerOf(row: Row): Buffer {
  const all = Object.entries({ is_writable: 'f', system_id: '7', timeline: '1', version: '170000', ...row })
  const typeOf = (name: string) => (name.startsWith('is_') ? 16 : ['timeline', 'version'].includes(name) ? 23 : 25)
  const columns = all.map(([name]) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(typeOf(name)), int16(1), int32(0), int16(0)]),
  )
  const values = all.map(([, value]) => Buffer.concat([int32(value.length), Buffer.from(value)]))
  const count = int16(all.length)
  return Buffer.concat([
    message('T', count, ...columns),
    message('D', count, ...values),
    message('C', Buffer.from('SELECT 1\0')),
    ready,
  ])
}

const standby: Row = { is_standby: 't', lsn: '0/64', received: '0/6E', started_at: '1' }

test('what hangs leaves no connection behind, whoever asks while the others are told', {
  timeout: 20_000,
}, async () => {
  let row: Row | undefined = standby
  const { watched, open } = await speak(() => row)
  await watched.look()
  row = undefined
  const first = watched.look()
  const second = watched.askLsn()
  // Asked in the moment in which the first one is told, before the second one is.
  const third = first.catch(() => watched.look())
  await expect(second).rejects.toThrow()
  row = standby
  await Promise.allSettled([third, watched.look()])
  await expect.poll(() => open.size).toBe(1)
  await watched.close()
  await expect.poll(() => open.size).toBe(0)
})

test('a standby behind a pooler that was started anew has shown nothing yet', async () => {
  let row = standby
  const { watched } = await speak(() => row)
  await watched.look()
  const { generation } = watched
  expect([watched.lsn, watched.received]).toEqual([0x64n, 0x6en])
  row = { is_standby: 't', lsn: '0/32', received: '0/3C', started_at: '2' }
  await watched.look()
  expect([watched.lsn, watched.received, watched.generation]).toEqual([0x32n, 0x3cn, generation + 1])
})

test('the place of a standby that was promoted is none of the primary that it followed', async () => {
  let row = standby
  const { watched } = await speak(() => row)
  await watched.look()
  const { generation } = watched
  row = { ...standby, is_standby: 'f', lsn: '0/C8' }
  expect(await watched.askLsn()).toBe(0xc8n)
  expect([watched.lsn, watched.received, watched.generation]).toEqual([0n, 0n, generation + 1])
})
