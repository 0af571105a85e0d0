import cluster from 'node:cluster'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { closeWhatIsInHand } from './connections-in-hand.ts'
import { type CrewEvent, createCrew, type Hand } from './crew.ts'
import { endOf } from './end-of.ts'
import type { ToPrimary, ToWorker } from './messages.ts'
import { createReports, type Teller } from './reports.ts'
import { seatVariable } from './seat.ts'

interface RunCrewOptions {
  readonly workers: number
  /** The workers may take so long to stop; then they are killed. */
  readonly stopMs: number
  /** Called when all of them serve. */
  readonly onOpen: (port: number, isEmpty: boolean) => void
}

/**
 * The primary process of a server with several workers: it has the port, hands its connections out in turn, and does nothing else.
 * Resolves when the server has been stopped. @throws CrewError
 */
export async function runCrew(logger: Logger, { workers, stopMs, onOpen }: RunCrewOptions): Promise<void> {
  const reports = createReports()
  const started: { port: number; isEmpty: boolean } = { port: 0, isEmpty: false }
  const crew = createCrew({ seats: workers, start, onEvent: (event) => tell(logger, event) })

  function start(seat: number): Hand {
    const worker = cluster.fork({ [seatVariable]: String(seat) })
    const ended = endOf(worker, (err) =>
      logger.error({ err, seat }, 'a worker could not be started, or not be told something'),
    )
    closeWhatIsInHand(worker)
    const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
    const send = (message: ToWorker) => {
      // One that has gone meanwhile is heard of by its end.
      if (worker.isConnected()) worker.send(message, () => {})
    }
    const teller: Teller = { askFor: (id, topic) => send({ kind: 'report', id, topic }) }
    reports.join(teller)
    worker.on('message', async (message: ToPrimary) => {
      if (message.kind === 'leaving') reports.tell(teller, 'metrics', message.metrics)
      else if (message.kind === 'report') reports.tell(teller, message.topic, message.report, message.id)
      else if (message.kind === 'ask') {
        const { id, topic, own } = message
        reports.tell(teller, topic, own)
        // One whose sums cannot be made goes without the others' parts.
        const gathered = await reports.gather(teller, topic).catch((err) => {
          logger.error({ err, topic }, 'what the workers say of themselves cannot be put together')
          return []
        })
        send({ kind: 'answers', id, answers: { crew: crew.stats(), reports: gathered } })
      } else {
        started.port = message.port
        started.isEmpty ||= message.isEmpty
        isReady()
      }
    })
    void ended.then(() => reports.leave(teller))
    return {
      ready,
      ended,
      stop: (how) => send({ kind: 'stop', how }),
      kill: () => void worker.process.kill('SIGKILL'),
    }
  }

  const killAll = () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
  }
  const { promise: stopped, resolve: stop } = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // The second one does not wait.
      process.once(signal, () => {
        killAll()
        process.exit(1)
      })
      stop(signal)
    })
  }
  process.on('SIGHUP', () => {
    logger.info('reloading: each worker is replaced by a new one')
    crew.reload().catch((err) => logger.error({ err }, 'the reload broke off'))
  })
  const close = async () => {
    await Promise.race([crew.close(), setTimeout(stopMs, undefined, { ref: false })])
    killAll()
  }
  try {
    const opened = crew.open().then(() => onOpen(started.port, started.isEmpty))
    await Promise.race([Promise.all([opened, crew.lasting]), crew.lasting, stopped])
  } finally {
    await close()
  }
}

function tell(logger: Logger, event: CrewEvent): void {
  const { seat } = event
  if (event.kind === 'ended') {
    const { end, againInMs } = event
    logger.error({ seat, ...end, againInMs }, 'a worker ended, and is started again')
  } else if (event.kind === 'back') logger.info({ seat }, 'a worker serves again in this seat')
  else if (event.kind === 'replaced') logger.info({ seat }, 'a new worker serves in this seat; the old one finishes')
  else logger.error({ seat }, 'a new worker could not start: the old ones stay')
}
