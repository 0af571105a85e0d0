import { createReadStream } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { ImportReport } from '@extropy/api'
import { ZipFile } from 'yazl'
import type { ImportOptions, ImportOutcome } from './import-locally.ts'
import { InputFileError } from './input-file-error.ts'
import { createStepBar } from './progress-bar.ts'

interface UploadOptions extends ImportOptions {
  readonly url: string
  readonly key: string
}

/** As the server answers it. */
interface Import {
  readonly id: string
  readonly status: string
  readonly error: string | null
  readonly finishedAt: string | null
  readonly progress: { readonly done: number; readonly total: number | null } | null
  readonly report: ImportReport | null
}

const lookEveryMs = 1000
const patienceMs = 60_000

class UnreachableError extends InputFileError {}

/** Sends files to a server, and waits for what comes of them. */
export async function uploadImport(
  paths: readonly string[],
  options: UploadOptions,
): Promise<readonly ImportOutcome[]> {
  const outcomes: ImportOutcome[] = []
  for (const path of paths) {
    const { id } = await send(path, options)
    outcomes.push({ path, ...(await follow(id, path, options)) })
  }
  return outcomes
}

async function send(path: string, options: UploadOptions): Promise<Import> {
  const { follow, includePrivate, author, siteUrl } = options
  const { name, bytes, body } = await open(path)
  const given = { name, follow: String(follow), private: String(includePrivate), author, site: siteUrl }
  const query = new URLSearchParams(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const bar = createStepBar(`${path}, sending`, options.out, 'MB')
  let sent = 0
  async function* counted() {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      sent += chunk.length
      bar.update({ done: Math.round(sent / 1e6), total: bytes === undefined ? null : Math.ceil(bytes / 1e6) })
      yield chunk
    }
  }
  const answer = await call<Import>(options, `?${query}`, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(counted(), { objectMode: false })) as ReadableStream,
    headers: {
      'content-type': 'application/octet-stream',
      ...(bytes === undefined ? {} : { 'content-length': String(bytes) }),
    },
    duplex: 'half',
  } as RequestInit)
  bar.finish()
  return answer
}

async function follow(id: string, path: string, options: UploadOptions): Promise<Omit<ImportOutcome, 'path'>> {
  const bar = createStepBar(path, options.out)
  let seenAt = performance.now()
  for (;;) {
    const seen = await call<Import>(options, `/${id}`).catch((error) => {
      // A server that restarts goes on with the import.
      if (!(error instanceof UnreachableError) || performance.now() - seenAt > patienceMs) throw error
      return undefined
    })
    if (seen === undefined) {
      await setTimeout(lookEveryMs)
      continue
    }
    seenAt = performance.now()
    const { finishedAt, progress, report, error, status } = seen
    bar.update(progress)
    if (finishedAt !== null) {
      bar.finish()
      return { report, error: error ?? (report === null ? `the import is ${status}` : null) }
    }
    await setTimeout(lookEveryMs)
  }
}

async function call<Answer>({ url, key }: UploadOptions, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { ...init.headers, authorization: `Bearer ${key}` }
  const response = await fetch(`${url}/api/imports${path}`, { ...init, headers }).catch((cause: Error) => {
    throw new UnreachableError(`No server answers at ${url}, or it has hung up: name another in EXTROPY_URL`, { cause })
  })
  const answer = (await response.json()) as Answer & { readonly error?: { readonly message: string } }
  if (!response.ok) throw new InputFileError(answer.error?.message ?? `${url} answered ${response.status}`)
  return answer
}

/** A file is known by its name and its folder's, as it is when it is read here; a folder goes as a zip of the same name. */
async function open(path: string): Promise<{ name: string; bytes?: number; body: AsyncIterable<Buffer> }> {
  const info = await stat(path)
  if (!info.isDirectory()) {
    return { name: `${basename(dirname(path))}/${basename(path)}`, bytes: info.size, body: createReadStream(path) }
  }
  const zip = new ZipFile()
  let files = 0
  const add = async (folder: string): Promise<void> => {
    for await (const child of await opendir(join(path, folder))) {
      if (/^\.|^node_modules$/.test(child.name)) continue
      const name = folder === '' ? child.name : `${folder}/${child.name}`
      if (child.isDirectory()) await add(name)
      else if (child.isFile()) {
        zip.addFile(join(path, name), name)
        files++
      }
    }
  }
  await add('')
  if (files === 0) throw new InputFileError(`${path} has no file in it.`)
  zip.end()
  return { name: `${basename(path)}.zip`, body: zip.outputStream as unknown as AsyncIterable<Buffer> }
}
