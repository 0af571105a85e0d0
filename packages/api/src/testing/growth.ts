/**
 * How many times as much of this thread's processor four times as much takes: 4 in proportion, 16 by the square. The best of some, so
 * that what else the machine does hardly counts; what takes less than `leastUs` counts as that.
 */
export async function growth(
  work: (size: number) => unknown,
  size: number,
  { rounds = 5, leastUs = 2000 } = {},
): Promise<number> {
  const best = async (of: number) => {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const before = process.threadCpuUsage()
      await work(of)
      times.push(process.threadCpuUsage(before).user)
    }
    return Math.max(leastUs, Math.min(...times))
  }
  // Once for the compiler.
  await best(size)
  return (await best(4 * size)) / (await best(size))
}
