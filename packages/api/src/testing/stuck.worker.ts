import type { Outcome, Task } from '../patterns/analyst-tasks.ts'

/** An analyst's thread that never ends a text that says so. */
// biome-ignore lint/style/noDefaultExport: piscina calls it
export default (task: Task): Outcome => {
  while (task.kind === 'analyse' && task.texts.some(({ body }) => body === 'forever'));
  return { kind: 'missing', ids: [] }
}
