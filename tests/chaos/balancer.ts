import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One address in front of several servers, as a load balancer of connections is: in turn, past those that do not answer. */
export async function startBalancer(ports: () => readonly number[]) {
  const sockets = new Set<Socket>()
  let turn = 0
  const forward = (incoming: Socket, triesLeft: number) => {
    const all = ports()
    const port = all[turn++ % all.length]
    if (port === undefined || triesLeft === 0) {
      incoming.destroy()
      return
    }
    const outgoing = connect(port, '127.0.0.1')
    outgoing.once('error', () => forward(incoming, triesLeft - 1))
    outgoing.once('connect', () => {
      outgoing.removeAllListeners('error')
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from)
        from.pipe(to)
        from
          .on('error', () => to.destroy())
          .on('close', () => {
            sockets.delete(from)
            to.destroy()
          })
      }
    })
  }
  const server = createServer({ pauseOnConnect: true }, (incoming) => {
    incoming.on('error', () => incoming.destroy())
    forward(incoming, 2)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
