import { type AppRouter, createClient } from '@extropy/client'
import { QueryClient } from '@tanstack/react-query'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'

/** Asked before each call, so that signing in and out needs no new client. */
export const apiKey = {
  get: () => sessionStorage.getItem('extropy-key') ?? undefined,
  set: (key: string) => sessionStorage.setItem('extropy-key', key),
}

/** Of the page's own origin: vite.config.ts passes /trpc on. Elsewhere, give the server's URL and set CORS_ORIGINS there. */
export const client = createClient({ url: location.origin, apiKey: apiKey.get })

export const queryClient = new QueryClient()

/** `queryOptions`, `mutationOptions` and so on of every procedure. */
export const extropy = createTRPCOptionsProxy<AppRouter>({ client, queryClient })
