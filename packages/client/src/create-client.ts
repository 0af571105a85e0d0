import {
  createTRPCClient,
  httpBatchStreamLink,
  httpLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { type AppRouter, type ErrorShape, streamedProcedures } from './generated/app-router.gen.ts'

export interface ClientOptions {
  /** Where the server is, e.g. `http://localhost:8000`. */
  readonly url: string
  /** Sent as a bearer token; a function is asked before each call. Leave it out for public procedures. */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>)
}

/** Inputs that take more than this in a URL travel in a body: servers and proxies commonly cut URLs at 8 kB. */
const longestInputInUrl = 4000

/**
 * Sent again with the same key, a call that moves money has its effect once, and gets the same answer.
 *
 * @example extropy.tokens.transfer.mutate({ toUserId, amount: '1.5' }, withIdempotencyKey(crypto.randomUUID()))
 */
export function withIdempotencyKey(idempotencyKey: string) {
  return { context: { idempotencyKey } }
}

/**
 * A typed client. One procedure, one request: a GET, which browsers and CDNs can cache, or a POST where the input is
 * too long for a URL.
 *
 * @throws ExtropyError from every call that the server refuses, or that does not reach it.
 */
export function createClient({ url, apiKey }: ClientOptions): TRPCClient<AppRouter> {
  const endpoint = `${url.replace(/\/+$/, '')}/trpc`
  const authorization = async () => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey
    return key === undefined ? {} : { authorization: `Bearer ${key}` }
  }
  const stamps = createStampKeeper()
  const options = {
    url: endpoint,
    fetch: stamps.fetch,
    headers: async ({ op }: { op: { context: Record<string, unknown> } }) => ({
      ...(await authorization()),
      ...stamps.headers(),
      ...(typeof op.context.idempotencyKey === 'string' ? { 'idempotency-key': op.context.idempotencyKey } : {}),
    }),
  }
  return createTRPCClient<AppRouter>({
    links: [
      withoutDirection,
      oneKindOfError,
      splitLink({
        condition: ({ path }) => streamedProcedures.has(path),
        // One call a request, so that nothing waits for a stream's end.
        true: httpBatchStreamLink({
          url: endpoint,
          fetch: stamps.fetch,
          headers: async () => ({ ...(await authorization()), ...stamps.headers() }),
          methodOverride: 'POST',
          maxItems: 1,
        }),
        false: splitLink({
          condition: ({ input }) => encodeURIComponent(JSON.stringify(input ?? null)).length > longestInputInUrl,
          true: httpLink({ ...options, methodOverride: 'POST' }),
          false: httpLink(options),
        }),
      }),
    ],
  })
}

type FetchOfLinks = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]['fetch']>

/** Servers that were not asked to write for a while have older stamps, but not all of them for so long. */
const longestOlderMs = 60_000

/**
 * Keeps the newest `Extropy-Stamp` of all answers and sends it with each call, so that a server that reads from replicas answers
 * with what this client has written and seen. Of two stamps the later one sorts behind. One that no answer has reached for a minute is of a
 * database that is there no more, such as one before a restore.
 */
function createStampKeeper() {
  let newest = ''
  let olderSince: number | undefined
  return {
    headers: () => (newest === '' ? {} : { 'extropy-stamp': newest }),
    fetch: (async (input: string | URL | Request, init?: RequestInit) => {
      const response = await globalThis.fetch(input, init)
      const stamp = response.headers.get('extropy-stamp') ?? ''
      if (stamp === '') return response
      olderSince = stamp >= newest ? undefined : (olderSince ?? performance.now())
      if (olderSince === undefined || performance.now() - olderSince > longestOlderMs) {
        newest = stamp
        olderSince = undefined
      }
      return response
    }) as FetchOfLinks,
  }
}

/** TanStack Query tells its infinite queries which way they go; lists here go one way, and know no such input. */
const withoutDirection: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    if (typeof op.input !== 'object' || op.input === null || !('direction' in op.input)) return next(op)
    const { direction: _, ...input } = op.input
    return next({ ...op, input })
  }

/** A stream's own errors, those of an abort among them, are the same as those of every other call. */
const oneKindOfError: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) =>
    observable((observer) =>
      next(op).subscribe({
        ...observer,
        next(envelope) {
          const { data } = envelope.result as { data?: unknown }
          if (!isAsyncIterable(data)) observer.next(envelope)
          else
            observer.next({ ...envelope, result: { ...envelope.result, data: withOneError(data) } } as typeof envelope)
        },
      }),
    )

async function* withOneError(pieces: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* pieces
  } catch (error) {
    throw error instanceof TRPCClientError ? error : TRPCClientError.from(error as Error)
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** The error that a call throws: `error.data` has the code, the reason and the issues; it is undefined where no server answered. */
export type ExtropyError = TRPCClientError<AppRouter>

/** `BAD_REQUEST`, `NOT_FOUND`, …: one for each HTTP status. */
export type ErrorCode = ErrorShape['data']['code']

/** The reason of an error, finer than its status. */
export type ErrorReason = ErrorShape['data']['reason']

/** Whether a call ended because its own `signal` was aborted. */
export function isAborted(error: unknown): boolean {
  return isExtropyError(error) && (error.cause as { name?: unknown } | undefined)?.name === 'AbortError'
}

/** Narrows a caught error. */
export function isExtropyError(error: unknown): error is ExtropyError {
  return error instanceof TRPCClientError
}
