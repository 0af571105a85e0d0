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
  isExtropyError,
  withIdempotencyKey,
} from './create-client.ts'
export type { AppRouter, ErrorShape } from './generated/app-router.gen.ts'

/** `Inputs['query']['rag']`: a procedure's input. */
export type Inputs = inferRouterInputs<AppRouter>

/** `Outputs['query']['rag']`: its output. */
export type Outputs = inferRouterOutputs<AppRouter>
