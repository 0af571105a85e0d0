/** The database cannot be reached right now; the same call may well succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

/** The database is there, but no connection came free in time. Nothing was sent; the same call may be made again. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

/** SQLSTATE classes and codes, and Node's socket codes, that mean «not there» rather than «wrong». */
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '53200', // out_of_memory
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
])
/** `pg` gives these no code. */
const unavailableMessages =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error|^Client was closed|^timeout expired/

/** True where the error says that the database was not there, or went away. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof BusyError || error instanceof DatabaseUnavailableError) return true
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return unavailableCodes.has(code) || code.startsWith('08')
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  return unavailableMessages.test(error.message)
}

/** The SQLSTATE of an error that PostgreSQL raised. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** A table has changed under a prepared statement: under a new name, the same statement works. */
export function isStalePlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && (error as Error).message.startsWith('cached plan')
}
