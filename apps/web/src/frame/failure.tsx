import { isAborted, isExtropyError } from '@extropy/client'
import type { Text } from '../text/en.ts'
import { useText } from '../text/text.ts'

/** What went wrong, in words that say what to do; a way to try again where there is one. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => unknown }) {
  const text = useText()
  if (isAborted(error)) return null
  const issues = isExtropyError(error) ? (error.data?.issues ?? []) : []
  return (
    <div className="failure" role="alert">
      <p>{inWords(error, text)}</p>
      {issues.length > 1 && (
        <ul>
          {issues.map(({ field, message }) => (
            <li key={field + message}>
              <strong>{field}</strong>: {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <button type="button" onClick={() => onRetry()}>
          {text.state.again}
        </button>
      )}
    </div>
  )
}

function inWords(error: unknown, { state, session }: Text): string {
  if (!isExtropyError(error)) return state.failed(undefined)
  const { data } = error
  if (!data) return state.unreachable
  if (data.reason === 'unauthenticated') return session.refused
  if (data.reason === 'forbidden') return session.scope(/scope (\w+)/.exec(error.message)?.[1] ?? 'write')
  if (data.reason === 'rate_limited') return state.tooMany(minutesUntilMore(error.meta))
  if (data.reason === 'not_found') return state.missing
  if (data.httpStatus === 503 || data.httpStatus === 504) return state.busy
  if (data.httpStatus >= 500) return state.failed(data.requestId)
  return error.message
}

/** Read from the answer's Retry-After, which is in seconds. */
function minutesUntilMore(meta: Record<string, unknown> | undefined): number | undefined {
  const seconds = Number((meta?.response as Response | undefined)?.headers?.get('retry-after'))
  return seconds > 0 ? Math.ceil(seconds / 60) : undefined
}
