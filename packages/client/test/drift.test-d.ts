import type { AppRouter as ServerRouter } from '@extropy/api'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { Inputs, Outputs } from '../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Does not compile where the generated types and the router's differ, in either direction. */
export const inputsAreTheRouters: Equal<Inputs, inferRouterInputs<ServerRouter>> = true
export const outputsAreTheRouters: Equal<Outputs, inferRouterOutputs<ServerRouter>> = true
