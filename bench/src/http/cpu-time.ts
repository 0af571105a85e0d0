import { readFileSync } from 'node:fs'

/** What Linux counts processor time in, whatever its own clock's rate is. */
const microsPerTick = 10_000

/** Processor time of a process and all its threads up to now, in µs; undefined where there is no /proc. */
export function cpuMicros(pid: number | undefined): number | undefined {
  try {
    // The program's name may hold spaces and brackets: the fields are counted from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * microsPerTick
  } catch {
    return undefined
  }
}
