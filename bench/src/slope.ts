/**
 * The exponent b of cost ≈ a · size^b, least squares on logarithms: 0 where size does not matter, 1 where ten times the
 * size costs ten times as much.
 */
export function slope(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const)
  const mean = (of: (each: readonly [number, number]) => number) =>
    logs.reduce((sum, each) => sum + of(each), 0) / logs.length
  const [x, y] = [mean(([size]) => size), mean(([, cost]) => cost)]
  const across = logs.reduce((sum, [size]) => sum + (size - x) ** 2, 0)
  return logs.reduce((sum, [size, cost]) => sum + (size - x) * (cost - y), 0) / across
}
