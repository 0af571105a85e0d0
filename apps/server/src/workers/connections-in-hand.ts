import type { Worker } from 'node:cluster'

interface Handle {
  close(): void
}

/** The messages by which node's own round robin hands a connection to a worker, and a worker confirms. */
interface HandOver {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

/**
 * A connection that is on its way to a worker which is killed would stay open, with nobody to answer: node forgets it. This closes it, so
 * that its caller knows. Should node change these messages, tests/workers.test.ts fails.
 */
export function closeWhatIsInHand(worker: Worker): void {
  const inHand = new Map<number, Handle>()
  const { process: child } = worker
  // One that could not be started has no channel, whatever its type says.
  if (!child.send) return
  const send = child.send.bind(child) as (...args: unknown[]) => boolean
  child.send = ((message: HandOver, handle?: Handle, ...rest: unknown[]) => {
    if (message.act === 'newconn' && message.seq !== undefined && handle) inHand.set(message.seq, handle)
    return send(message, handle, ...rest)
  }) as typeof child.send
  child.on('internalMessage' as 'message', ({ ack }: HandOver) => {
    if (ack !== undefined) inHand.delete(ack)
  })
  child.once('exit', () => {
    for (const handle of inHand.values()) handle.close()
    inHand.clear()
  })
}
