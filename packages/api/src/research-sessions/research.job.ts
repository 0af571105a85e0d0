import { z } from 'zod'
import { Id } from '../id.ts'
import { defineJob } from '../jobs/define-job.ts'
import { createBudget } from './budget.ts'
import { endSession, showStep } from './outputs.ts'
import type { ResearchContext, Step } from './research-run.ts'
import { getResearchSession } from './research-sessions.queries.ts'
import { ResearchOutputs } from './research-sessions.schema.ts'
import { reopenSession, settleSessions } from './settle-sessions.ts'
import { answerQuestions } from './steps/answer-questions.ts'
import { fetchTargets } from './steps/fetch-targets.ts'
import { findPatterns } from './steps/find-patterns.ts'
import { lookInCollection } from './steps/look-in-collection.ts'
import { planQuestions } from './steps/plan-questions.ts'
import { writeReport } from './steps/write-report.ts'

const runs = 5

/** A research session's run. Its steps are checkpoints: a run that is killed goes on behind the last one that was finished. */
export const researchJob = defineJob({
  kind: 'research.run',
  seenBy: 'user',
  input: z.strictObject({ sessionId: Id }),
  concurrency: { ofUser: 2, ofWorker: { group: 'research', leaving: 3 } },
  singletonKey: ({ sessionId }) => sessionId,
  // Longer than the largest budget, so that there is time to report what that left out.
  deadlineMs: 4_200_000,
  retry: { runs },
  settle: settleSessions,
  run: async (context) => {
    try {
      return await research(context)
    } catch (error) {
      if (context.attempt >= runs && !context.signal.aborted) await fail(context)
      throw error
    }
  },
})

async function research(context: ResearchContext): Promise<{ status: string }> {
  const { sessionId: id } = context.input
  let session = await getResearchSession(context.deps.db, { id })
  // Its job had ended without a report, and was put into the queue again.
  if (session.status === 'failed' && session.jobId === context.id) {
    session = await context.write((trx) => reopenSession(trx, id))
  }
  if (session.status !== 'in_progress') return { status: session.status }

  const questions = planQuestions(session)
  const plan = await context.checkpoint('plan', async () => ({
    startedAt: Date.now(),
    before: ResearchOutputs.parse(session.outputs).answers ?? [],
  }))
  const total = 4 + session.targets.length + questions.length
  let done = 0
  const step: Step = async (name, work, show) => {
    const result = await context.checkpoint(name, work)
    const seconds = Math.min(session.budget.seconds, Math.round((Date.now() - plan.startedAt) / 1000))
    await context.writeOnce(`${name}: shown`, (trx) => showStep(trx, id, seconds, show(result)))
    context.progress(++done, total)
    context.log(name)
    return result
  }
  const budget = createBudget(context, session, plan.startedAt)

  await step(
    `plan ${questions.length} questions`,
    async () => questions,
    () => ({ outputs: { questions } }),
  )
  const fetched = await fetchTargets(context, { step, budget, session })
  const found = await step(
    'look in the collection',
    () => lookInCollection(context.deps, session, questions),
    (sources) => ({ outputs: { found: sources }, contentsFound: sources.length }),
  )
  const analysed = await step(
    'analyse',
    () => findPatterns(context.deps, found),
    ({ patterns, contentsAnalyzed }) => ({
      outputs: { patterns },
      contentsAnalyzed,
      patternsFound: patterns.length,
    }),
  )
  const answered = await answerQuestions(context, { step, budget, session, questions, before: plan.before })
  const leftOut = [...fetched, ...answered].flatMap((each) => each.leftOut ?? [])
  await step(
    'report',
    async () => writeReport({ session, fetched, found, ...analysed, answered, leftOut }),
    (report) => ({ outputs: { report, leftOut } }),
  )
  await context.writeOnce('end', async (trx) => {
    await endSession(trx, id, 'completed')
  })
  return { status: 'completed' }
}

async function fail(context: ResearchContext): Promise<void> {
  const { sessionId: id } = context.input
  const problem = `It failed ${runs} times; the log of its job says more.`
  await context.write(async (trx) => {
    const { status } = await getResearchSession(trx, { id })
    if (status === 'in_progress') await endSession(trx, id, 'failed', { problem })
  })
}
