import { readFileSync } from 'node:fs'
import { median, quantile } from './ratio.ts'

/**
 * So many callers, each with its next call as soon as the last one is answered, for `seconds`. `call` gets a running
 * number, beginning at `first`. `value`: calls a second.
 */
export async function underLoad(
  callers: number,
  seconds: number,
  call: (n: number) => Promise<unknown>,
  first = 0,
): Promise<{ value: number; p50Ms: number; p99Ms: number; latenciesMs: readonly number[] }> {
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  let next = first
  const caller = async () => {
    do {
      const sentAt = performance.now()
      await call(next++)
      latenciesMs.push(performance.now() - sentAt)
    } while (performance.now() - startedAt < seconds * 1000)
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const value = latenciesMs.length / ((performance.now() - startedAt) / 1000)
  return { value, p50Ms: median(latenciesMs), p99Ms: quantile(latenciesMs, 0.99), latenciesMs }
}

/** The median of one caller's calls. The first tenth is left out: it prepares and warms up. */
export async function medianMs(calls: number, call: (n: number) => Promise<unknown>): Promise<number> {
  const samples: number[] = []
  for (let n = 0; n < calls; n++) {
    const sentAt = performance.now()
    await call(n)
    if (n >= calls / 10) samples.push(performance.now() - sentAt)
  }
  return median(samples)
}

/** The unit of Linux's processor times, whatever its own clock's rate is. */
const microsPerTick = 10_000

/** Runs `work`, and returns the processor time that a process took for it, in µs; undefined where there is no /proc. */
export async function withCpuTime<Result>(
  pid: number | undefined,
  work: () => Promise<Result>,
): Promise<[Result, number | undefined]> {
  const before = cpuMicros(pid)
  const result = await work()
  const after = cpuMicros(pid)
  return [result, before === undefined || after === undefined ? undefined : after - before]
}

/** The same for several processes together. */
export async function withCpuTimeOf<Result>(
  pids: readonly number[],
  work: () => Promise<Result>,
): Promise<[Result, number | undefined]> {
  const sum = () =>
    pids
      .map(cpuMicros)
      .reduce((total, micros) => (total === undefined || micros === undefined ? undefined : total + micros), 0)
  const before = sum()
  const result = await work()
  const after = sum()
  return [result, before === undefined || after === undefined ? undefined : after - before]
}

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
