import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolve, type Resolve } from './resolve.ts'

/** Answers A questions about `known.example` with 192.0.2.7, AAAA ones with nothing, `none.example` with NXDOMAIN, others never. */
function answerTo(question: Buffer): Buffer | undefined {
  const name = question.subarray(12).toString('latin1')
  const isKnown = name.includes('known')
  if (!isKnown && !name.includes('none')) return undefined
  const end = question.indexOf(0, 12) + 5
  const isA = question.readUInt16BE(end - 4) === 1
  const header = Buffer.from(question.subarray(0, 12))
  header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2)
  header.writeUInt16BE(isKnown && isA ? 1 : 0, 6)
  header.writeUInt16BE(0, 10)
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7])
  return Buffer.concat([header, question.subarray(12, end), ...(isKnown && isA ? [record] : [])])
}

describe('resolving a name', () => {
  let server: Socket
  let resolve: Resolve
  let asked = 0

  beforeAll(async () => {
    server = createSocket('udp4').on('message', (question, from) => {
      asked++
      const answer = answerTo(question)
      if (answer) server.send(answer, from.port, from.address)
    })
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    resolve = createResolve({ servers: [`127.0.0.1:${server.address().port}`], timeoutMs: 200 })
  })
  afterAll(() => server.close())

  it('asks DNS for all addresses', async () => {
    expect(await resolve('known.example')).toEqual(['192.0.2.7'])
  })

  it('asks the system for what DNS does not know, and for names of this network', async () => {
    await expect(resolve('none.example')).rejects.toMatchObject({ syscall: 'getaddrinfo' })
    const before = asked
    expect(await resolve('localhost')).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]))
    expect(asked).toBe(before)
  })

  it('leaves the threads to others while a server keeps silent, and gives up by itself', async () => {
    const order: string[] = []
    const silent = Array.from({ length: 16 }, (_, n) =>
      resolve(`silent${n}.example`).then((addresses) => order.push(`silent ${addresses.length}`)),
    )
    await readFile(import.meta.filename)
    order.push('file')
    await Promise.all(silent)
    expect(order).toEqual(['file', ...Array(16).fill('silent 0')])
  })
})
