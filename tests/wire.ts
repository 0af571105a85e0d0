import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Wire = Awaited<ReturnType<typeof createWire>>

/** A wire to a server that can be cut, mended on the same port, slowed, and frozen: then it stays open, and carries nothing. */
export async function createWire(target: URL) {
  const sockets = new Set<Socket>()
  let port = 0
  let server: Server
  let frozen = false
  let delayMs = 0
  const listen = async () => {
    frozen = false
    server = createServer((incoming) => {
      const outgoing = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from)
        let passed: Promise<unknown> = Promise.resolve()
        from.on('data', (bytes) => {
          if (frozen) return
          const due = from === incoming && delayMs > 0 ? sleep(delayMs) : undefined
          passed = passed.then(() => due).then(() => to.destroyed || to.write(bytes))
        })
        from
          .on('error', () => to.destroy())
          .on('close', () => {
            sockets.delete(from)
            to.end()
          })
      }
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await listen()
  return {
    /** The target's URL, by this wire. */
    get url(): URL {
      const url = new URL(target)
      url.host = `127.0.0.1:${port}`
      return url
    },
    mend: listen,
    freeze() {
      frozen = true
    },
    /** What clients send arrives so much later. */
    slow(ms: number) {
      delayMs = ms
    },
    async cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
