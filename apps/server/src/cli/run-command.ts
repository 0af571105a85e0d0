import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { AppError, EmbedderError, inputError } from '@extropy/api'
import {
  ArchivedMonthError,
  BehindPoolerError,
  BusyError,
  CannotConnectError,
  DatabaseNotEmptyError,
  DatabaseUnavailableError,
  DataFolderError,
  MigrationLockError,
  NoStatementStatisticsError,
  sqlState,
  sqlStates,
  UnknownMigrationError,
} from '@extropy/db'
import { z } from 'zod'
import { ConfigError } from '../config.ts'
import { InputFileError } from '../input-file-error.ts'
import { ApiError } from './api.ts'
import { nearestOption } from './nearest-option.ts'
import { PgToolError } from './pg-tools.ts'

interface Command<Options extends ParseArgsOptionsConfig> {
  /** Its first line is the call; `--help` prints it, and so does a wrong call. */
  readonly usage: string
  readonly options?: Options
  readonly allowPositionals?: boolean
}

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options }>>['values']

/** The command was called with wrong options or arguments. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Failures whose message is all that a user needs. Any other is a defect, and its stack is shown. */
const expected = [
  ApiError,
  AppError,
  ArchivedMonthError,
  BehindPoolerError,
  BusyError,
  ConfigError,
  DatabaseNotEmptyError,
  DatabaseUnavailableError,
  DataFolderError,
  EmbedderError,
  InputFileError,
  MigrationLockError,
  NoStatementStatisticsError,
  PgToolError,
  UnknownMigrationError,
]

/**
 * Runs a command to its exit status, which is 0 where it returns none. An error becomes a clear line and status 1; a wrong
 * call a line, the usage and status 2.
 */
export async function runCommand<const Options extends ParseArgsOptionsConfig>(
  { usage, options, allowPositionals = false }: Command<Options>,
  run: (values: Values<Options>, positionals: string[]) => Promise<number | undefined>,
): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const known = { ...options, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { values, positionals } = parseArgs({ allowPositionals, options: known })
    if (values.help) process.stdout.write(usage)
    else process.exitCode = await run(values as Values<Options>, positionals)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    const isWrongCall = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS')
    const problem = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? unknownOption(error as Error, Object.keys(known)) : ''
    process.stderr.write(isWrongCall ? `${problem || (error as Error).message}\n\n${usage}` : `${explain(error)}\n`)
    process.exitCode = isWrongCall ? 2 : 1
  }
}

/** Empty where Node's own message is the better one. */
function unknownOption({ message }: Error, names: readonly string[]): string {
  const [, typed] = /^Unknown option '--([^'=]+)/.exec(message) ?? []
  if (typed === undefined) return ''
  const near = nearestOption(typed, names)
  return `there is no option --${typed}${near === undefined ? '' : `: --${near} is meant?`}`
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof z.ZodError) return inputError(error).message
  const { message, stack = message, syscall } = error as NodeJS.ErrnoException
  if (error instanceof CannotConnectError) {
    if (message.includes('unsupported startup parameter'))
      return `${message}\nA pooler says so: set DATABASE_BEHIND_POOLER=true, and DATABASE_DIRECT_URL to the server behind it.`
    return `${message}\nStart it (docker compose up -d), correct DATABASE_URL, or leave DATABASE_URL out to use the embedded database.`
  }
  if (sqlState(error) === sqlStates.insufficientPrivilege)
    return `The database refuses: ${message}. Let its owner GRANT that, or name the owner in DATABASE_URL.`
  if (sqlState(error) === sqlStates.undefinedTable)
    return `The database is not up to date: ${message}. Run pnpm db:migrate.`
  // A missing file or a full disk: the system's own message names it.
  return expected.some((type) => error instanceof type) || syscall !== undefined ? message : stack
}
