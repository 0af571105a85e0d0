import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server, and can fail as networks do. */
export interface TcpProxy {
  readonly port: number
  /** Breaks every connection and accepts none. */
  cut(): Promise<void>
  /** Connections stay open, and nothing passes. */
  freeze(): void
  /** Passes everything again; frozen bytes arrive late. */
  restore(): Promise<void>
  close(): Promise<void>
}

export async function createTcpProxy(target: URL): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let frozen = false
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 6379), target.hostname)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('data', (chunk) => other.write(chunk))
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      if (frozen) socket.pause()
    }
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => void server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    port,
    cut,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    async restore() {
      frozen = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) await listen(port)
    },
    close: cut,
  }
}
