import { fieldError } from '@extropy/api'
import { z } from 'zod'
import { countJsonTokens, cutToTokens } from '../token-budget.ts'
import { cursor, defineTool, maxTokens, nextCursor, notACursor, type ToolCall } from '../tool.ts'

export const researchTool = defineTool({
  name: 'research',
  description:
    'Begins a session on a brief (a key that may write), or with sessionId goes on watching one: a job that answers its questions from the collection and the targets it fetches, and reports with receipts. Reports progress; returns when done or after waitSeconds: then call again with sessionId. cancel stops it.',
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  waits: true,
  input: z.strictObject({
    brief: z.string().max(20_000).optional().describe('or sessionId'),
    sessionId: z.string().optional(),
    name: z.string().max(200).optional(),
    questions: z.array(z.string().max(1000)).max(20).default([]),
    targets: z.array(z.string().max(2000)).max(20).default([]).describe('Pages or feeds to fetch first'),
    cancel: z.boolean().default(false),
    waitSeconds: z.number().int().min(0).max(600).default(45),
    maxTokens,
    cursor,
  }),
  output: z.object({
    sessionId: z.string(),
    status: z.enum(['in_progress', 'completed', 'failed']),
    report: z.string().nullable().describe('Markdown'),
    problem: z.string().nullable(),
    nextCursor,
  }),
  async run(call, input) {
    const { caller } = call
    const { brief, sessionId, cancel, waitSeconds, cursor } = input
    if ((brief === undefined) === (sessionId === undefined)) {
      throw fieldError('invalid_input', 'brief', 'is required, or sessionId in its place')
    }
    if (sessionId !== undefined && cancel) return show(call, await caller.researchSessions.cancel({ id: sessionId }), 0)
    const { id, jobId } =
      sessionId === undefined ? await begin(call, input) : await caller.researchSessions.byId({ id: sessionId })
    if (jobId !== null && waitSeconds > 0)
      await follow(call, { id, jobId, waitSeconds, isOwn: sessionId === undefined })
    return show(call, await caller.researchSessions.byId({ id }), readCursor(cursor))
  },
})

interface Brief {
  readonly brief?: string | undefined
  readonly name?: string | undefined
  readonly questions: string[]
  readonly targets: string[]
}

function begin({ caller }: ToolCall, { brief = '', name, questions, targets }: Brief) {
  const firstWords = brief.trim().slice(0, 80) || 'Research'
  return caller.researchSessions.create({ name: name ?? firstWords, brief, questions, targets })
}

interface Follow {
  readonly id: string
  readonly jobId: string
  readonly waitSeconds: number
  /** Begun by this very call. */
  readonly isOwn: boolean
}

/** Waits for the job's end, and tells how far it is. */
async function follow(
  { caller, lasting, signal, hangingUpCancels, progress }: ToolCall,
  { id, jobId, waitSeconds, isOwn }: Follow,
) {
  const until = performance.now() + 1000 * waitSeconds
  const events = await caller.jobs.events({ id: jobId })
  const iterator = events[Symbol.asyncIterator]()
  const time = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => time.resolve('late'), until - performance.now())
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), time.promise])
      if (next === 'late' || next.done === true || next.value.type === 'done') return
      const { job } = next.value
      const { done = 0, total = null } = job.progress ?? {}
      await progress(done, total, job.log.at(-1)?.text ?? job.status)
    }
  } catch (error) {
    if (!signal.aborted) throw error
    if (isOwn && hangingUpCancels) await lasting.researchSessions.cancel({ id })
    throw error
  } finally {
    clearTimeout(timer)
    void iterator.return?.()
  }
}

interface Session {
  readonly id: string
  readonly status: 'in_progress' | 'completed' | 'failed'
  readonly outputs: { readonly report?: string | undefined; readonly problem?: string | undefined }
}

function show({ fence, room }: ToolCall, { id, status, outputs }: Session, start: number) {
  const { report = null, problem } = outputs
  const said = {
    sessionId: id,
    status,
    problem: problem === undefined ? null : fence.around(problem, 400),
    nextCursor: report === null ? null : String(report.length),
  }
  if (report === null) return { ...said, report }
  const piece = cutToTokens(report.slice(start), room - countJsonTokens(said) - 30)
  const end = start + piece.length
  return { ...said, report: fence.around(piece), nextCursor: end < report.length ? String(end) : null }
}

function readCursor(given: string | undefined): number {
  if (given === undefined) return 0
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw notACursor()
}
