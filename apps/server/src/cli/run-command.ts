import { EmbedderError } from '@extropy/api'
import {
  BehindPoolerError,
  DatabaseNotEmptyError,
  DataFolderError,
  isUnavailable,
  MigrationLockError,
  NoStatementStatisticsError,
  UnknownMigrationError,
} from '@extropy/db'
import { z } from 'zod'
import { ConfigError } from '../config.ts'
import { InputFileError } from '../ingest-file.ts'
import { DatabaseDownError } from '../open-deps.ts'

/** Failures whose message is all that a user needs; of any other the stack is shown, for it is a defect. */
const expected = [
  BehindPoolerError,
  ConfigError,
  DatabaseDownError,
  DatabaseNotEmptyError,
  DataFolderError,
  EmbedderError,
  InputFileError,
  MigrationLockError,
  NoStatementStatisticsError,
  UnknownMigrationError,
]

/** Runs a command to its exit status; an error becomes a clear line and status 1 (2 where the call itself was wrong). */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    process.exitCode = await command()
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exitCode = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
  }
}

export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
  const { code, syscall } = error as NodeJS.ErrnoException
  const isKnown = expected.some((type) => error instanceof type) || isUnavailable(error)
  // A file that is not there, a full disk: the system's own words name it.
  if (isKnown || syscall !== undefined || code?.startsWith('ERR_PARSE_ARGS')) return error.message
  return error.stack ?? error.message
}
