import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addSampleAccounts, ingest, storeKnownVectors } from '@extropy/api'
import type { Config } from './config.ts'
import { ingestFile } from './ingest-file.ts'
import type { OpenDeps } from './open-deps.ts'
import { bundledVectors, readVectors } from './sample-vectors.ts'

export const bundledSample = fileURLToPath(new URL('../sample/posts.jsonl.gz', import.meta.url))

/**
 * Loads the bundled posts with their vectors, and made-up users with cards about them, into a new embedded database, or, with LOAD_SAMPLE=always, into any. A mark in the data
 * folder says how far that came: a load that was killed goes on at the next start, posts that a user deleted later do not
 * come back, and a database that somebody filled before is left alone.
 */
export async function loadSample(
  { LOAD_SAMPLE: when, SAMPLE_FILE = bundledSample }: Config,
  deps: OpenDeps,
  out: NodeJS.WriteStream,
): Promise<void> {
  const { kind, folder } = deps.database
  const load = async () => {
    await ingestFile({ ingest: (lines, options) => ingest(deps, lines, options), deps }, SAMPLE_FILE, {
      label: 'Loading the sample',
      out,
    })
    const { model, dimension } = deps.embedder
    await storeKnownVectors(deps, readVectors(bundledVectors, model, dimension).find)
    await addSampleAccounts(deps)
  }
  if (when === 'never' || (when === 'auto' && kind !== 'embedded')) return
  if (when === 'always' || folder === undefined) return load()

  const mark = join(folder, 'sample')
  const state = existsSync(mark) ? await readFile(mark, 'utf8') : undefined
  if (state === 'loaded' || (state === undefined && (await hasContents(deps)))) return
  await writeFile(mark, 'loading')
  await load()
  await writeFile(mark, 'loaded')
}

export async function hasContents({ db }: Pick<OpenDeps, 'db'>): Promise<boolean> {
  return (await db.selectFrom('contents').select('id').limit(1).executeTakeFirst()) !== undefined
}
