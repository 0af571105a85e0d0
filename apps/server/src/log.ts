import { type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'
import type { Config } from './config.ts'

const flushEveryMs = 500
/** What one process writes at once into a pipe, another one's lines cannot fall into: PIPE_BUF. */
const pipeAtomicBytes = 4096

/**
 * The server's log: JSON lines on standard output. Lines are written a few kB at a time, and twice a second: one system
 * call for each would cost a request a tenth of its time. The rest is written at exit. Of several workers each line says which one's it is.
 */
export function openLog(level: Config['LOG_LEVEL'], worker?: number | 'primary'): Logger {
  const several = { minLength: 3072, maxWrite: pipeAtomicBytes }
  const destination = pino.destination({ sync: false, minLength: 4096, ...(worker === undefined ? {} : several) })
  setInterval(() => destination.flush(), flushEveryMs).unref()
  process.once('exit', () => destination.flushSync())
  const log = createLog(level, destination)
  return worker === undefined ? log : log.child({ worker })
}

/** Times are ISO 8601, levels are names, and an error is logged without the connection that it came from. */
export function createLog(level: Config['LOG_LEVEL'], destination: { write(line: string): void }): Logger {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    destination,
  )
}

/** `pg` attaches its client to the errors of a connection, and with it the key that cancels the connection's statements. */
function serializeError(error: Error): object {
  const { client: _, ...said } = stdSerializers.err(error)
  return said
}
