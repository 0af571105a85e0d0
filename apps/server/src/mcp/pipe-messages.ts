import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'

/** The other side of a pipe: the client's types and the server's are the same, and do not know it. */
interface Far {
  onmessage?: ((message: never) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  start(): Promise<void>
  send(message: never): Promise<void>
  close(): Promise<void>
  setProtocolVersion?: (version: string) => void
}

/** Cannot be sent on: answered with this code, as a failure inside. */
const internalError = -32_603

interface PipeOptions {
  readonly onProblem: (error: Error) => void
  /** Answers a message of the near side itself; false: it goes on. */
  readonly answer?: (message: JSONRPCMessage) => Promise<boolean>
  /** Sees, and may change, what comes back. */
  readonly onAnswer?: (message: unknown) => void
}

/** Hands every message on to the other side, until the near one closes. A request that cannot be sent gets an error for its answer. */
export async function pipeMessages(
  near: Transport,
  far: Far,
  { onProblem, answer = async () => false, onAnswer }: PipeOptions,
): Promise<void> {
  const closed = Promise.withResolvers<void>()
  const waiting = new Set<Promise<void>>()
  near.onmessage = (message) => {
    const pass = async () => {
      if (!(await answer(message))) await far.send(message as never)
    }
    const sent = pass().catch(async (error: Error) => {
      onProblem(error)
      if (!('id' in message && 'method' in message)) return
      const { id } = message
      await near.send({ jsonrpc: '2.0', id, error: { code: internalError, message: error.message } })
    })
    waiting.add(sent)
    void sent.finally(() => waiting.delete(sent))
  }
  far.onmessage = (message: never) => {
    // The version that the two sides have agreed on goes into each later request's header.
    const version = (message as { result?: { protocolVersion?: unknown } }).result?.protocolVersion
    if (typeof version === 'string') far.setProtocolVersion?.(version)
    onAnswer?.(message)
    void near.send(message).catch(onProblem)
  }
  near.onerror = onProblem
  far.onerror = onProblem
  near.onclose = closed.resolve
  await far.start()
  await near.start()
  await closed.promise
  await Promise.allSettled(waiting)
  await far.close()
}
