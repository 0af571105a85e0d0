import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BadCallError } from '../bench-case.ts'
import type { Measurement, ResultFile } from '../results.ts'

/** The measurements of a result file, or of all that a folder has, as the rounds of a comparison: there is one round. */
export async function readResults(path: string): Promise<Measurement[][]> {
  const isFolder = (await stat(path)).isDirectory()
  const files = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.json')).sort() : []
  const read = await Promise.all(isFolder ? files.map((name) => readFileOf(join(path, name))) : [readFileOf(path)])
  if (read.length === 0) throw new BadCallError(`${path} has no result files`)
  return [read.flat()]
}

async function readFileOf(path: string): Promise<readonly Measurement[]> {
  try {
    const { measurements } = JSON.parse(await readFile(path, 'utf8')) as ResultFile
    if (Array.isArray(measurements)) return measurements
  } catch (error) {
    throw new BadCallError(`${path} can't be read: ${(error as Error).message}`)
  }
  throw new BadCallError(`${path} holds no results`)
}
