import { createClient, isAborted, isExtropyError } from '@extropy/client'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { session } from './session/session.ts'

export const client = createClient({ url: location.origin, apiKey: () => session.get().key })

/** Failures that may pass by themselves: no answer at all, a busy server. */
function mayPass(error: unknown): boolean {
  if (!isExtropyError(error)) return false
  return error.data === undefined || error.data?.httpStatus === 503 || error.data?.httpStatus === 504
}

/** A key that the server no longer takes is dropped, so that what is public goes on without it. */
function watchKey(error: unknown): void {
  if (!isExtropyError(error) || error.data?.reason !== 'unauthenticated') return
  if (session.get().key === undefined) return
  session.refuse()
  void queries.invalidateQueries()
}

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: watchKey }),
  mutationCache: new MutationCache({ onError: watchKey }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && mayPass(error) && !isAborted(error),
      retryDelay: (count) => 500 * 2 ** count,
    },
  },
})
