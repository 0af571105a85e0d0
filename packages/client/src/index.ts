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

/** `Inputs['query']['rag']`: what a procedure takes. */
export type Inputs = inferRouterInputs<AppRouter>

/** `Outputs['query']['rag']`: what it answers. */
export type Outputs = inferRouterOutputs<AppRouter>
