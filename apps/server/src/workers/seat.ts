import cluster from 'node:cluster'
import type { StopKind } from './crew.ts'
import type { Answers, Reports, ToPrimary, Topic, ToWorker } from './messages.ts'

/** A worker's place in its server, and its line to the primary process and through it to the others. */
export interface Seat {
  /** From 1 on. The first one migrates, runs jobs and follows what is stored; each successor in its seat does. */
  readonly number: number
  ready(port: number, isEmpty: boolean): void
  /** Called at most once; at once where it has been asked before. */
  onStop(stop: (how: StopKind) => void): void
  /** Answers others' questions from now on. */
  answer(sources: Sources): void
  /** What the others say of the same; without those that do not answer within a second. */
  ask<T extends Topic>(topic: T, own: Reports[T]): Promise<Answers<T>>
  /** Resolves when the primary process has this worker's last counts. */
  leave(metrics: Reports['metrics']): Promise<void>
}

type Sources = { readonly [T in Topic]: () => Reports[T] | Promise<Reports[T]> }

/** The environment variable by which the primary process tells a worker its seat. */
export const seatVariable = 'EXTROPY_WORKER_SEAT'

/** The primary process may be as busy as a worker is. */
const answerWithinMs = 3000

/** Undefined in a process that is the whole server. */
export function takeSeat(env: Readonly<Record<string, string | undefined>>): Seat | undefined {
  const number = Number(env[seatVariable])
  if (!cluster.isWorker || !Number.isInteger(number)) return undefined
  const asked = new Map<number, (answers: Answers) => void>()
  const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<StopKind>()
  let sources: Sources | undefined
  let questions = 0
  const send = (message: ToPrimary, then?: () => void) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => then?.())
    else then?.()
  }
  const report = async (id: number, topic: Topic) => {
    // One that fails says nothing: the last that it said stands.
    const found = await sources?.[topic]()
    if (found !== undefined) send({ kind: 'report', id, topic, report: found })
  }
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') askToStop(message.how)
    else if (message.kind === 'report') report(message.id, message.topic).catch(() => {})
    else if (message.kind === 'answers') asked.get(message.id)?.(message.answers)
  })
  // The primary process has gone, and with it the port.
  process.once('disconnect', () => askToStop('stop'))
  return {
    number,
    ready: (port, isEmpty) => send({ kind: 'ready', port, isEmpty }),
    onStop: (stop) => void stopAsked.then(stop),
    answer: (given) => {
      sources = given
    },
    async ask<T extends Topic>(topic: T, own: Reports[T]) {
      const id = ++questions
      const { promise, resolve } = Promise.withResolvers<Answers>()
      asked.set(id, resolve)
      const timer = setTimeout(resolve, answerWithinMs, nobody)
      send({ kind: 'ask', id, topic, own })
      try {
        return (await promise) as Answers<T>
      } finally {
        clearTimeout(timer)
        asked.delete(id)
      }
    },
    leave: (metrics) => new Promise((resolve) => send({ kind: 'leaving', metrics }, resolve)),
  }
}

const nobody: Answers = { crew: { ready: 1, ends: 0, replacements: 0 }, reports: [] }
