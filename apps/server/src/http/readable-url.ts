import { fieldError } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './app-env.ts'
import { errorResponse } from './errors.ts'

/** Refuses a URL with escapes that are not UTF-8: one that cannot be decoded would be taken for the text `%FF`. */
export const refuseUnreadableUrls: MiddlewareHandler<AppEnv> = async (c, next) => {
  const part = unreadablePart(c.req.raw.url)
  if (part === undefined) return next()
  const cause = fieldError('invalid_input', part, 'must be percent-encoded UTF-8')
  return errorResponse(c, new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause }))
}

/** The name of a parameter, or `path`. */
function unreadablePart(url: string): string | undefined {
  if (!url.includes('%')) return undefined
  const [path = '', ...rest] = url.split('?')
  if (decoded(path) === undefined) return 'path'
  // A percent sign alone, as in `?prompt=100%`, is text.
  const query = rest.join('?').replace(/%(?![0-9a-f]{2})/gi, '%25')
  const pair = query.split('&').find((each) => decoded(each) === undefined)
  return pair && (decoded(pair.split('=', 1)[0] ?? '') ?? 'query')
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
