import { readFile, stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { BadCallError } from '../bench-case.ts'
import { loadResults } from '../report/load-results.ts'
import type { Measurement, ResultFile } from '../results.ts'

/** The measurements of a result file, or of all that a folder has, as the rounds of a comparison: there is one round. */
export async function readResults(path: string): Promise<Measurement[][]> {
  if (!(await stat(path)).isDirectory()) return [[...(await readFileOf(path))]]
  // Of a suite and a part of it, the later one counts, as in a report.
  const { figures } = await loadResults(pathToFileURL(`${path}/`))
  if (figures.length === 0) throw new BadCallError(`${path} has no result files`)
  return [[...figures]]
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
