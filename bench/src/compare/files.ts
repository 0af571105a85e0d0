import { readFile } from 'node:fs/promises'
import { BadCallError } from '../bench-case.ts'
import type { Measurement, ResultFile } from '../results.ts'

/** One run's measurements, as the rounds of a comparison: there is one round. */
export async function readResultFile(path: string): Promise<Measurement[][]> {
  try {
    const { measurements } = JSON.parse(await readFile(path, 'utf8')) as ResultFile
    if (Array.isArray(measurements)) return [[...measurements]]
  } catch (error) {
    throw new BadCallError(`${path} can't be read: ${(error as Error).message}`)
  }
  throw new BadCallError(`${path} holds no results`)
}
