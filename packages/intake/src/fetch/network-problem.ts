import { errors } from 'undici'
import { type Problem, Stop } from './fetched.ts'

/** Puts a name on what went wrong between here and the server. Undefined for a fault of ours, which is to be thrown on. */
export function networkProblem(error: unknown): Problem | undefined {
  if (error instanceof Stop) return error.problem
  // An argument that undici does not take is a fault of the caller's, such as a line end in a header.
  if (!(error instanceof Error) || error instanceof errors.InvalidArgumentError) return undefined
  const failed = (reason: Problem['reason'], message: string): Problem => ({ outcome: 'failed', reason, message })
  if (error instanceof errors.HeadersOverflowError) {
    return { outcome: 'refused', reason: 'headers-too-large', message: `The answer's headers are too large.` }
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.ResponseContentLengthMismatchError) {
    return failed('bad-response', `The answer is not sound HTTP: ${error.message}.`)
  }
  // Of undici's parser, at a 101 that nobody asked for with more behind it.
  if (error.name === 'AssertionError')
    return failed('bad-response', 'The answer is not sound HTTP: nobody asked for it.')
  // Every address of the host was tried, and each has an error of its own.
  const first = error instanceof AggregateError ? error.errors.find((each) => each instanceof Error) : undefined
  const { code = '' } = (first ?? error) as NodeJS.ErrnoException
  if (code === 'ETIMEDOUT' || error instanceof errors.ConnectTimeoutError) {
    return failed('timeout', 'The server did not answer in time.')
  }
  if (
    /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)
  ) {
    return failed('tls', `The connection could not be made secure: ${code}.`)
  }
  if (error instanceof errors.SocketError || /^(E[A-Z]+|UND_ERR_[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) {
    return failed('connection', `The connection failed: ${connectionFault(code)}.`)
  }
  return undefined
}

function connectionFault(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing answers there'
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return 'the server hung up'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to the server'
    default:
      return code
  }
}
