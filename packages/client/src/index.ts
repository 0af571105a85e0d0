// @trpc/server's declarations name Disposable; a consumer's own `lib` need not go beyond es2022 and dom for it.
/// <reference lib="esnext.disposable" preserve="true" />
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from './generated/app-router.gen.ts'

export {
  type ClientOptions,
  createClient,
  type ErrorCode,
  type ErrorReason,
  type ExtropyError,
  isAborted,
  isExtropyError,
  withIdempotencyKey,
} from './create-client.ts'
export type { AppRouter, ErrorShape } from './generated/app-router.gen.ts'

/** `Inputs['query']['rag']`: a procedure's input. */
export type Inputs = inferRouterInputs<AppRouter>

/** `Outputs['query']['rag']`: its output. */
export type Outputs = inferRouterOutputs<AppRouter>

/** One of a search's results. */
export type SearchResult = Outputs['query']['rag']['results'][number]

/** One piece of an answer's stream. */
export type AnswerEvent = Outputs['query']['answer'] extends AsyncIterable<infer Event> ? Event : never

/** An author's post, as lists show it. */
export type Content = Outputs['contents']['list']['items'][number]

export type Author = Outputs['authors']['list']['items'][number]

/** A published card, as lists show it. */
export type Card = Outputs['cards']['list']['items'][number]

/** One card attributing another, as lists show it. */
export type Attribution = Outputs['attributions']['received']['items'][number]

export type User = Outputs['users']['byId']

/** One movement of tokens. */
export type LedgerEntry = Outputs['tokens']['ledger']['items'][number]
