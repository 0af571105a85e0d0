import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Wire = Awaited<ReturnType<typeof createWire>>

/** A wire to a server that can be cut, mended on the same port, and frozen: then it stays open, and carries nothing. */
export async function createWire(target: URL) {
  const sockets = new Set<Socket>()
  let port = 0
  let server: Server
  let frozen = false
  const listen = async () => {
    frozen = false
    server = createServer((incoming) => {
      const outgoing = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from)
        from.on('data', (bytes) => frozen || to.write(bytes))
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
    async cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
