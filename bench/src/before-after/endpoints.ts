import type { BeforeAfterData } from './data.ts'
import type { Call } from './requests.ts'

export interface Endpoint {
  readonly name: string
  /** What the main table promises, in milliseconds; undefined for reads that it does not have. */
  readonly goal?: { readonly beforeMs: number; readonly afterMs: number; readonly improvement: number }
  /** Answered from the cache where the mode has one; everything else is asked for afresh. */
  readonly cached: boolean
  call(n: number): Call
}

/** The response cache, if there is one, is passed by: RFC 9111's request directive. */
export const fresh = { 'cache-control': 'no-store' }

export function endpoints({ prompts, cardId, userId, key }: BeforeAfterData): Endpoint[] {
  const cards: Call = { method: 'GET', path: '/api/cards?limit=20' }
  return [
    {
      name: 'GET /health',
      goal: { beforeMs: 150, afterMs: 5, improvement: 97 },
      cached: false,
      call: () => ({ method: 'GET', path: '/health' }),
    },
    {
      name: 'GET /api/cards, first',
      goal: { beforeMs: 200, afterMs: 80, improvement: 60 },
      cached: false,
      call: () => cards,
    },
    {
      name: 'GET /api/cards, cached',
      goal: { beforeMs: 200, afterMs: 2, improvement: 99 },
      cached: true,
      call: () => cards,
    },
    {
      name: 'POST /query/rag',
      goal: { beforeMs: 500, afterMs: 150, improvement: 70 },
      cached: false,
      call: (n) => ({
        method: 'POST',
        path: '/query/rag',
        body: JSON.stringify({ prompt: prompts[n % prompts.length] ?? '' }),
      }),
    },
    {
      name: 'GET /api/attributions/{cardId}',
      cached: false,
      call: () => ({ method: 'GET', path: `/api/attributions/${cardId}` }),
    },
    {
      name: 'GET /api/tokens/ledger/{userId}',
      cached: false,
      call: () => ({
        method: 'GET',
        path: `/api/tokens/ledger/${userId}`,
        headers: { authorization: `Bearer ${key}` },
      }),
    },
  ]
}
