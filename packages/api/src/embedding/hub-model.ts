import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { download, FileMissingError } from './download.ts'
import { EmbedderError } from './embedder.ts'
import { graphs } from './folder-embedder.ts'

export interface HubModelOptions {
  /** `organisation/name`. */
  readonly model: string
  /** A commit, a tag or a branch. Default `main`. What it was at the first download stays. */
  readonly revision?: string
  /** Default `https://huggingface.co`. */
  readonly hubUrl?: string
  readonly cacheFolder: string
  readonly onFile?: (name: string) => void
}

const megabyte = 2 ** 20
/** A file of ONNX, a message of protobuf, has at most 2 GB; the largest tokenizer.json in use have 20 MB. */
const largest = { graph: 2048 * megabyte, other: 64 * megabyte }
const settings = ['config.json', 'sentence_bert_config.json', '1_Pooling/config.json'] as const

export function isHubName(text: string): boolean {
  return /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(text)
}

/**
 * Downloads a sentence transformer for `openFolderEmbedder`, and answers its folder. One that is there is taken as it is, without the
 * network. A download that was cut goes on where it stopped.
 *
 * @throws EmbedderError where the hub cannot be reached, or has no such model.
 */
export async function fetchHubModel(options: HubModelOptions): Promise<string> {
  const { model, revision = 'main', hubUrl = 'https://huggingface.co', cacheFolder, onFile = () => {} } = options
  const folder = join(cacheFolder, model.replace('/', '--'), encodeURIComponent(revision))
  const whole = join(folder, 'complete.json')
  if (existsSync(whole) && (await isComplete(folder, whole))) return folder
  try {
    mkdirSync(folder, { recursive: true })
    // All files are of the commit that the first one was of.
    let commit = readIfThere(join(folder, 'commit')) ?? revision
    const fetchFile = async (name: string, largestBytes: number) => {
      onFile(name)
      const url = `${hubUrl.replace(/\/$/, '')}/${model}/resolve/${encodeURIComponent(commit)}/${name}`
      const got = await download({ url, file: join(folder, name), largestBytes })
      if (got.commit !== undefined && got.commit !== commit) {
        commit = got.commit
        writeFileSync(join(folder, 'commit'), commit)
      }
      return name
    }
    const files = [await fetchFile('tokenizer.json', largest.other)]
    for (const name of settings) files.push(...(await unlessMissing(fetchFile(name, largest.other))))
    for (const name of graphs) {
      const got = await unlessMissing(fetchFile(name, largest.graph))
      files.push(...got)
      if (got.length > 0) break
    }
    const hashes: [string, string][] = []
    for (const name of files) hashes.push([name, await hashOf(join(folder, name))])
    if (!files.some((name) => name.endsWith('.onnx'))) throw new Error(`it has no ${graphs.join(', ')}`)
    writeFileSync(whole, JSON.stringify(Object.fromEntries(hashes)))
    return folder
  } catch (cause) {
    const why =
      cause instanceof FileMissingError ? 'it is not there, or has no tokenizer.json' : (cause as Error).message
    throw new EmbedderError(
      `EMBEDDING_MODEL: ${model} (${revision}) could not be downloaded from ${hubUrl}: ${why}. Check the name, the network and EMBEDDING_HUB_URL, or give a folder that has the model.`,
      { cause },
    )
  }
}

/** Altered or lost files are fetched anew. */
async function isComplete(folder: string, list: string): Promise<boolean> {
  const hashes = JSON.parse(readFileSync(list, 'utf8')) as Record<string, string>
  for (const [name, hash] of Object.entries(hashes)) {
    const file = join(folder, name)
    if (existsSync(file) && (await hashOf(file)) === hash) continue
    rmSync(file, { force: true })
    rmSync(list)
    return false
  }
  return true
}

async function unlessMissing(file: Promise<string>): Promise<string[]> {
  try {
    return [await file]
  } catch (error) {
    if (error instanceof FileMissingError) return []
    throw error
  }
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
