import { LoadTimeoutError } from '@extropy/cache'
import { BusyError, isUnavailable, sqlState, sqlStates } from '@extropy/db'
import { type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server'
import { z } from 'zod'
import './plain-words.ts'
import { isUndoneByOthers } from './transaction.ts'

/** One thing wrong with the caller's input. */
export interface Issue {
  /** Dotted path of the input's key, as the caller wrote it; empty for the input as a whole. */
  readonly field: string
  readonly message: string
}

/** The expected failures, and their codes on the wire. An unmapped code does not compile. */
const trpcCodes = {
  invalid_input: 'BAD_REQUEST',
  invalid_cursor: 'BAD_REQUEST',
  not_found: 'NOT_FOUND',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  conflict: 'CONFLICT',
  idempotency_key_reused: 'CONFLICT',
  insufficient_balance: 'UNPROCESSABLE_CONTENT',
  rate_limited: 'TOO_MANY_REQUESTS',
  database_unavailable: 'SERVICE_UNAVAILABLE',
  database_busy: 'SERVICE_UNAVAILABLE',
  database_timeout: 'SERVICE_UNAVAILABLE',
  not_told: 'SERVICE_UNAVAILABLE',
  not_ready: 'SERVICE_UNAVAILABLE',
  overloaded: 'SERVICE_UNAVAILABLE',
  storage_full: 'SERVICE_UNAVAILABLE',
  too_large: 'PAYLOAD_TOO_LARGE',
  deadline_exceeded: 'GATEWAY_TIMEOUT',
  caller_gone: 'CLIENT_CLOSED_REQUEST',
  request_timeout: 'TIMEOUT',
  method_not_allowed: 'METHOD_NOT_SUPPORTED',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<string, TRPC_ERROR_CODE_KEY>

export type ErrorReason = keyof typeof trpcCodes

/** An expected failure, told to the caller in these very words. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly reason: ErrorReason
  readonly issues: readonly Issue[]

  constructor(reason: ErrorReason, message: string, options: { issues?: readonly Issue[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.reason = reason
    this.issues = options.issues ?? []
  }
}

/** A failure that one field of the input is to blame for. */
export function fieldError(reason: ErrorReason, field: string, message: string): AppError {
  return new AppError(reason, `${field}: ${message}`, { issues: [{ field, message }] })
}

/** What a schema has refused, told as at every door. */
export function inputError(error: z.ZodError): AppError {
  const { message, issues } = describeInput(error.issues)
  return new AppError('invalid_input', message, { issues })
}

/** Seconds after which a caller that got 503 does well to try again: a PostgreSQL restart takes about that long. */
export const retryAfterSeconds = 5

const unreadableTimes: ReadonlySet<string> = new Set([
  sqlStates.invalidDatetimeFormat,
  sqlStates.datetimeFieldOverflow,
  sqlStates.invalidTimeZoneDisplacement,
])
/** The database answers reads, but takes no writes until an operator acts: a standby, or a full disk. */
const takesNoWrites: ReadonlySet<string> = new Set([sqlStates.readOnlySqlTransaction, sqlStates.diskFull])

/** The class of SQLSTATEs for a limit: of a query's nesting, an index entry's length, a statement's arguments. */
const programLimitExceeded = '54'

/** Translates a procedure's error, once, at the outermost middleware. An unknown error stays internal. */
export function toTrpcError(error: TRPCError): TRPCError {
  const known = toAppError(error.cause ?? error)
  return known ? new TRPCError({ code: trpcCodes[known.reason], message: known.message, cause: known }) : error
}

const passing: ReadonlySet<ErrorReason | undefined> = new Set([
  'database_unavailable',
  'database_busy',
  'storage_full',
  'overloaded',
])

/** Whether the same may well succeed later, since the failure is of the moment: nothing that was given is to blame. */
export function isPassing(error: unknown): boolean {
  return passing.has(toAppError(error)?.reason)
}

/** Whether an error belongs in the log: neither the caller's input nor the caller's leaving caused it. */
export function isOurFault({ code }: TRPCError): boolean {
  return code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE'
}

function toAppError(cause: unknown): AppError | undefined {
  if (cause instanceof AppError) return cause
  const { name } = (cause ?? {}) as { name?: unknown }
  if (name === 'TimeoutError' || cause instanceof LoadTimeoutError) {
    return new AppError('deadline_exceeded', 'The answer took too long and was given up.', { cause })
  }
  if (name === 'AbortError') return new AppError('caller_gone', 'The caller has gone.', { cause })
  if (cause instanceof BusyError) {
    return new AppError('database_busy', `Too many callers at once. Try again in ${retryAfterSeconds} seconds.`, {
      cause,
    })
  }
  const state = sqlState(cause) ?? ''
  if (state === sqlStates.queryCanceled) {
    return new AppError('database_timeout', 'The query took too long and was stopped.', { cause })
  }
  if (unreadableTimes.has(state)) {
    return new AppError('invalid_input', 'The database cannot read a date or time in the input.', {
      cause,
    })
  }
  if (state.startsWith(programLimitExceeded)) {
    const message = 'The input is too long or too complex for the database: shorten or simplify it.'
    return new AppError('invalid_input', message, { cause })
  }
  if (isUnavailable(cause)) {
    const what = takesNoWrites.has(state) ? 'takes no changes' : 'cannot be reached'
    const message = `The database ${what} right now. Try again in ${retryAfterSeconds} seconds.`
    return new AppError('database_unavailable', message, { cause })
  }
  if (isUndoneByOthers(cause) || state === sqlStates.lockNotAvailable) {
    const message = `Too many changes met at once. Try again in ${retryAfterSeconds} seconds.`
    return new AppError('database_unavailable', message, { cause })
  }
  return undefined
}

/** The details of every error beyond tRPC's own shape, at every door. */
export interface ErrorDetails {
  readonly reason: ErrorReason
  readonly message: string
  readonly issues: readonly Issue[]
}

/** An error repeats parts of the request; these bounds keep it as short as a person reads, whatever was sent. */
const maxIssues = 5
const longestName = 100
const longestMessage = 1000

export function describeError(error: TRPCError): ErrorDetails {
  const { reason, message, issues } = detailsOf(error)
  return {
    reason,
    message: cut(message, longestMessage),
    issues: issues.map((issue) => ({ field: issue.field, message: cut(issue.message, longestMessage) })),
  }
}

/** The name of a key or a procedure, as far as an error repeats it. */
export function cutName(name: PropertyKey): string {
  return cut(String(name), longestName)
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`
}

function detailsOf(error: TRPCError): ErrorDetails {
  const { cause } = error
  if (cause instanceof AppError) return { reason: cause.reason, message: cause.message, issues: cause.issues }
  if (cause instanceof z.core.$ZodError && error.code === 'BAD_REQUEST') return describeInput(cause.issues)
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    const message = 'Something went wrong on our side. The request id names it in the log.'
    return { reason: 'internal', message, issues: [] }
  }
  if (error.code === 'NOT_FOUND') return { reason: 'not_found', message: error.message, issues: [] }
  if (error.code === 'METHOD_NOT_SUPPORTED') return { reason: 'method_not_allowed', message: error.message, issues: [] }
  const issue = describeRequest(error)
  return {
    reason: 'invalid_input',
    message: issue ? `${issue.field}: ${issue.message}` : error.message,
    issues: issue ? [issue] : [],
  }
}

/** The fault of a request that no schema has seen yet. */
function describeRequest({ code, cause, message }: TRPCError): Issue | undefined {
  if (code === 'UNSUPPORTED_MEDIA_TYPE') return { field: 'content-type', message: 'must be application/json' }
  if (code === 'PAYLOAD_TOO_LARGE') return { field: 'body', message }
  if (cause instanceof SyntaxError) return { field: 'input', message: `is not valid JSON: ${cause.message}` }
  return undefined
}

function describeInput(found: readonly z.core.$ZodIssue[]): ErrorDetails {
  const issues = found.slice(0, maxIssues).flatMap(describeIssue).slice(0, maxIssues)
  const count = found.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
  const named = issues.map(({ field, message }) => `${field === '' ? 'input' : field}: ${message}`)
  const rest = count > issues.length ? `; and ${count - issues.length} more` : ''
  return { reason: 'invalid_input', message: cut(named.join('; '), longestMessage - 40) + rest, issues }
}

function describeIssue(issue: z.core.$ZodIssue): Issue[] {
  const field = (...keys: string[]) => [...issue.path, ...keys].map(cutName).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, maxIssues).map((key) => ({ field: field(key), message: 'is not known here' }))
  }
  return [{ field: field(), message: issue.message }]
}
