import type { Session } from './research.queries.ts'

const order = ['questions', 'fetched', 'found', 'patterns', 'answers', 'report'] as const
type StepName = (typeof order)[number]

interface Step {
  readonly name: StepName
  readonly state: 'done' | 'now' | 'open'
  readonly count: number | undefined
}

/** How a running job's log names what it has finished; fetches and answers are one line each, so that the next step ends them. */
const ends: Readonly<Record<StepName, RegExp>> = {
  questions: /^plan /,
  fetched: /^look in the collection$/,
  found: /^look in the collection$/,
  patterns: /^analyse$/,
  answers: /^report$/,
  report: /^report$/,
}

/** A session that runs again still has the outputs of the run before: while a job's log is there, it alone counts. */
export function stepsOf({ status, outputs, targets }: Session, log?: readonly string[]): Step[] {
  const isLive = status === 'in_progress'
  const names = order.filter((name) => name !== 'fetched' || targets.length > 0)
  const isDone = (name: StepName) =>
    isLive && log !== undefined ? log.some((line) => ends[name].test(line)) : outputs[name] !== undefined
  const current = names.find((name) => !isDone(name))
  return names.map((name) => {
    const output = outputs[name]
    const state = isDone(name) ? 'done' : isLive && name === current ? 'now' : 'open'
    return { name, state, count: state === 'done' && Array.isArray(output) ? output.length : undefined }
  })
}
