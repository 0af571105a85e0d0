import { type AppError, appRouter, type Context, fieldError } from '@extropy/api'
import type { ToolAnnotations } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Fence } from './fence.ts'
import { defaultMaxTokens, leastMaxTokens, mostMaxTokens } from './token-budget.ts'

export type Caller = ReturnType<typeof appRouter.createCaller>

/** One call of a tool, as the tool sees it. */
export interface ToolCall {
  /** The product's procedures, as the key's user may call them. */
  readonly caller: Caller
  /** The same, for what must be done when `signal` has aborted. */
  readonly lasting: Caller
  readonly fence: Fence
  /** Tokens for the tool's own keys: the label and the second form of the answer have theirs. */
  readonly room: number
  /** Aborts when the caller has gone, or, except for tools that wait, when its time is up. */
  readonly signal: AbortSignal
  /** Whether hanging up means that the call is cancelled: so says the specification from 2026-07-28 on. */
  readonly hangingUpCancels: boolean
  progress(done: number, total: number | null, message: string): Promise<void>
}

export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** For a model: when to use it, and what to do with what comes. */
  readonly description: string
  readonly annotations: ToolAnnotations
  readonly input: Input
  readonly output: Output
  /** It reports progress for longer than a request may take. */
  readonly waits?: true
  readonly run: (call: ToolCall, input: z.output<Input>) => Promise<z.input<Output>>
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(tool: Tool<Input, Output>): Tool {
  return tool as unknown as Tool
}

/** In the input of every tool. */
export const maxTokens = z
  .number()
  .int(`must be a whole number from ${leastMaxTokens} to ${mostMaxTokens}`)
  .min(leastMaxTokens, `must be ${leastMaxTokens} or more`)
  .max(mostMaxTokens, `must be ${mostMaxTokens} or less: read on with the cursor instead`)
  .default(defaultMaxTokens)

export const cursor = z.string().max(500).optional().describe('nextCursor')
export const nextCursor = z.string().nullable()

/** A URL from outside: encoded, so that it holds no words of its own; a very long one is left out. */
export function plainUrl(url: string): string | null {
  const href = URL.parse(url)?.href
  return href !== undefined && href.length <= 300 ? href : null
}

/** The product's procedures for one request. Their statements end with its context's signal. */
export function callerOf(context: Context): Caller {
  return appRouter.createCaller(context)
}

export function notACursor(): AppError {
  return fieldError('invalid_input', 'cursor', "is none of this tool's: copy nextCursor, or leave it out")
}
