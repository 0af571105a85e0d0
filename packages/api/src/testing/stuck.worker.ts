import { getPriority } from 'node:os'
import type { Outcome, Task } from '../patterns/analyst-tasks.ts'

/** An analyst's thread that never ends a text that says so, and tells its own priority where one asks. */
// biome-ignore lint/style/noDefaultExport: piscina calls it
export default (task: Task): Outcome => {
  while (task.kind === 'analyse' && task.texts.some(({ body }) => body === 'forever'));
  const isAsked = task.kind === 'analyse' && task.texts.some(({ body }) => body === 'priority')
  return { kind: 'missing', ids: isAsked ? [String(getPriority())] : [] }
}
