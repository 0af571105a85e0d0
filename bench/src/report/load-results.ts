import { readdir, readFile } from 'node:fs/promises'
import { type ResultFile, resultsFolder } from '../results.ts'
import type { Figure } from './goal-rows.ts'

export interface Results {
  /** Every suite's files, in the order of their names. */
  readonly files: readonly ResultFile[]
  /** One of each suite, name and contender: the last one measured. */
  readonly figures: readonly Figure[]
}

/** Everything in `bench/results`; nothing where no suite has run yet. */
export async function loadResults(folder: URL = resultsFolder): Promise<Results> {
  const names = await readdir(folder).catch(() => [])
  const files: ResultFile[] = []
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    files.push(JSON.parse(await readFile(new URL(name, folder), 'utf8')) as ResultFile)
  }
  const latest = new Map<string, Figure>()
  for (const file of files.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))) {
    for (const measurement of file.measurements) {
      const { suite, name, contender, at } = measurement
      latest.set(JSON.stringify([suite, name, contender, at]), { ...measurement, file })
    }
  }
  return { files, figures: [...latest.values()] }
}
