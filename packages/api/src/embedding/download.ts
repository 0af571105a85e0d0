import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** The server answered that it has no such file. */
export class FileMissingError extends Error {
  override readonly name = 'FileMissingError'
}

interface Download {
  readonly url: string
  readonly file: string
  readonly largestBytes: number
}

const tries = 3
const retryMs = 500
/** Without a byte for so long, the connection counts as lost. */
const stalledMs = 30_000
const mostRedirects = 5

/**
 * Downloads a file, whole or not at all: it gets its name when its size, and its hash where the hub says one, are right. What has come so
 * far stays beside it, and the next try goes on from there. A file that is there stays. Answers the commit that the hub says it is of.
 *
 * @throws FileMissingError
 */
export async function download({ url, file, largestBytes }: Download): Promise<{ commit: string | undefined }> {
  if (existsSync(file)) return { commit: undefined }
  mkdirSync(dirname(file), { recursive: true })
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce({ url, file, largestBytes })
    } catch (error) {
      if (error instanceof FileMissingError || error instanceof TooLargeError || attempt === tries) throw error
      await setTimeout(retryMs * attempt)
    }
  }
}

class TooLargeError extends Error {}
class NothingLeftError extends Error {}

async function tryOnce({ url, file, largestBytes }: Download): Promise<{ commit: string | undefined }> {
  const part = `${file}.part`
  const had = existsSync(part) ? statSync(part).size : 0
  const stalled = new AbortController()
  const timer = globalThis.setTimeout(
    () => stalled.abort(new Error(`nothing came for ${stalledMs / 1000} s`)),
    stalledMs,
  )
  try {
    const { response, commit, hash } = await request(url, had, stalled.signal)
    const from = response.status === 206 ? had : 0
    const announced = Number(response.headers.get('content-length') ?? Number.NaN)
    const size = Number.isNaN(announced) ? undefined : from + announced
    if ((size ?? 0) > largestBytes) throw new TooLargeError(`${url} has ${size} bytes, more than ${largestBytes}`)
    const target = await open(part, from > 0 ? 'r+' : 'w')
    let at = from
    try {
      for await (const piece of response.body ?? []) {
        timer.refresh()
        if (at + piece.length > largestBytes) throw new TooLargeError(`${url} has more than ${largestBytes} bytes`)
        await target.write(piece, 0, piece.length, at)
        at += piece.length
      }
    } finally {
      await target.close()
    }
    if (size !== undefined && at !== size) throw new Error(`${url} was cut after ${at} of ${size} bytes`)
    if (hash !== undefined && hash !== (await sha256(part))) {
      rmSync(part)
      throw new Error(`${url} came altered`)
    }
    renameSync(part, file)
    return { commit }
  } catch (error) {
    if (error instanceof TooLargeError || error instanceof NothingLeftError) rmSync(part, { force: true })
    throw stalled.signal.aborted ? (stalled.signal.reason as Error) : messageOfFetch(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Step by step: the hub names commit and hash in the answer that leads on to where the bytes are. */
async function request(url: string, had: number, signal: AbortSignal) {
  let commit: string | undefined
  let hash: string | undefined
  let next = url
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const headers: Record<string, string> = {
      'accept-encoding': 'identity',
      ...(had > 0 ? { range: `bytes=${had}-` } : {}),
    }
    const response = await fetch(next, { redirect: 'manual', headers, signal })
    commit ??= response.headers.get('x-repo-commit') ?? undefined
    hash ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1]
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      next = new URL(location, next).href
      if (!/^https?:/.test(next)) throw new Error(`${url} leads to ${next}`)
      continue
    }
    if (response.status === 404) throw new FileMissingError(`${url} is not there`)
    if (response.status === 416) throw new NothingLeftError(`${url} is no longer than what is there of it`)
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    return { response, commit, hash }
  }
  throw new Error(`${url} leads on and on`)
}

/** `fetch failed` alone says nothing. */
function messageOfFetch(error: unknown): unknown {
  const { cause } = error as Error
  if (!(error instanceof TypeError) || !(cause instanceof Error)) return error
  const code = (cause as NodeJS.ErrnoException).code
  return new Error(code === undefined ? cause.message : `${code} ${cause.message}`.trim(), { cause: error })
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path)
  for await (const piece of file.createReadStream()) hash.update(piece as Buffer)
  return hash.digest('hex')
}
