import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** One line on the machine, and a warning where it was busy before the run began. */
export function machine(): string {
  const cores = availableParallelism()
  const busy = (loadavg()[0] ?? 0) > cores * 0.5 ? `; BUSY before the run (load ${loadavg()[0]?.toFixed(2)})` : ''
  return `node ${process.version}, ${cores} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB${busy}`
}
