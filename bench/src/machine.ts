import { availableParallelism, cpus, totalmem } from 'node:os'

/** One line on the machine. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  return `node ${process.version}, ${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB`
}
