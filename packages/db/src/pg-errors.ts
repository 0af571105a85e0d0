/** The SQLSTATEs that this code acts on, by PostgreSQL's names for them. The last three are our own functions'. */
export const sqlStates = {
  featureNotSupported: '0A000',
  numericValueOutOfRange: '22003',
  invalidDatetimeFormat: '22007',
  datetimeFieldOverflow: '22008',
  invalidTimeZoneDisplacement: '22009',
  restrictViolation: '23001',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  readOnlySqlTransaction: '25006',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  insufficientPrivilege: '42501',
  undefinedTable: '42P01',
  diskFull: '53100',
  objectNotInPrerequisiteState: '55000',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  undefinedFile: '58P01',
  insufficientBalance: 'EX001',
  noSuchAccount: 'EX002',
  idempotencyKeyReused: 'EX003',
} as const

/** The database cannot be reached, or cannot do its work right now; the same call may well succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name: string = 'DatabaseUnavailableError'
  /** The SQLSTATE, or Node's code for the connection's failure. */
  readonly code: string | undefined

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = codeOf(options.cause)
  }
}

/** No connection could be opened: no server there, another password, no TLS, no such database. */
export class CannotConnectError extends DatabaseUnavailableError {
  override readonly name: string = 'CannotConnectError'
}

/** The database lacks something that only its owner or its server's operator can give; the message names it. */
export class DatabaseSetupError extends DatabaseUnavailableError {
  override readonly name: string = 'DatabaseSetupError'
}

/** The database is there, but no connection came free in time. Nothing was sent; the same call may be made again. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

/**
 * SQLSTATEs that are a state of the server, its node or the session, whatever the statement: connection exceptions (08),
 * a node that takes no writes (25006), sessions ended by a time limit (25P03, 25P04), a login that is no longer valid (28),
 * a database that is not there (3D000), resources that ran out, such as disk, memory and connections (53), an operator's
 * intervention but for a cancelled statement (57), errors of the system below (58).
 */
const serverState = /^(08...|25006|25P0[34]|28...|3D000|53...|57(?!014)...|58...)$/

/** The errors that Node and `pg` give for a connection that broke; `pg` gives most of them no code. */
const brokenConnectionCodes = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'])
const brokenConnectionMessages =
  /^Connection terminated|^Client has encountered a connection error|^Client was closed|^timeout expired/

/** True where the error says that the database was not there, went away, or cannot do its work right now. */
export function isUnavailable(error: unknown): boolean {
  const isOurs = error instanceof BusyError || error instanceof DatabaseUnavailableError
  return isOurs || serverState.test(sqlState(error) ?? '')
}

/**
 * For the driver, which knows that the error came from a connection to the database: errors that broke the connection, and
 * states of the server, become a DatabaseUnavailableError. Any other error is returned unchanged.
 */
export function translateUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof BusyError || error instanceof DatabaseUnavailableError) return error
  const isBroken = brokenConnectionCodes.has(codeOf(error) ?? '') || brokenConnectionMessages.test(error.message)
  return isBroken || isUnavailable(error) ? new DatabaseUnavailableError(error.message, { cause: error }) : error
}

/** The SQLSTATE of an error that PostgreSQL raised. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** The values are at fault, not the database: a data exception (22) or a limit exceeded (54). */
export function isRefusedData(error: unknown): error is Error {
  return /^(22|54)/.test(sqlState(error) ?? '')
}

/** A table has changed under a prepared statement: under a new name, the same statement works. */
export function isStalePlan(error: unknown): boolean {
  // Its message is in the server's language.
  const { routine } = (error ?? {}) as { routine?: string }
  return sqlState(error) === sqlStates.featureNotSupported && routine === 'RevalidateCachedQuery'
}
