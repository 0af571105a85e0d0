import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, fieldError } from '../errors.ts'

/** A file that has arrived, and waits in the spool. */
export interface ReceivedFile {
  readonly id: string
  readonly bytes: number
}

/** Where a file of the spool lies; its name and that of its folder are what pieces without an address are known by. */
export interface SpooledFile extends ReceivedFile {
  /** `folder/file` */
  readonly name: string
  readonly host: string
}

/** A folder for uploads: each has a folder of its own there, until its import has ended. */
export interface Spool {
  /** This machine's name: another's spool may be another folder. */
  readonly host: string
  readonly maxBytes: number
  /** Streams a file into the spool. On any failure, a hang-up too, nothing stays. @throws AppError invalid_input, too_large, storage_full */
  receive(
    source: AsyncIterable<Uint8Array>,
    options: { readonly expectedBytes?: number | undefined; readonly signal: AbortSignal },
  ): Promise<ReceivedFile>
  /** Gives a received file its name. */
  keep(file: ReceivedFile, name: string): Promise<SpooledFile>
  /** The path of a file that is there; undefined where it is not. */
  find(file: SpooledFile): Promise<string | undefined>
  remove(id: string): Promise<void>
  /** Ids of files that came before the last `ageMs`. */
  listOld(ageMs: number): Promise<readonly string[]>
}

export interface SpoolOptions {
  readonly folder: string
  /** Default 2 GiB. */
  readonly maxBytes?: number
  /** Room that is left on the folder's disk, in bytes. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

const partName = 'part'

/** The folder is made with the first upload. */
export function createSpool({ folder, maxBytes = 2 * 2 ** 30, freeBytes = bytesLeft }: SpoolOptions): Spool {
  const host = hostname()
  const folderOf = (id: string) => join(folder, id)
  const remove = (id: string) => rm(folderOf(id), { recursive: true, force: true })

  return {
    host,
    maxBytes,
    remove,
    async receive(source, { expectedBytes = 0, signal }) {
      if (expectedBytes > maxBytes) throw tooLarge(maxBytes)
      const id = randomUUID()
      let bytes = 0
      async function* counted() {
        for await (const chunk of source) {
          bytes += chunk.length
          if (bytes > maxBytes) throw tooLarge(maxBytes)
          yield chunk
        }
      }
      try {
        await openFolder(folder)
        if (expectedBytes > (await freeBytes(folder))) throw storageFull()
        await mkdir(folderOf(id), { mode: 0o700 })
        const file = createWriteStream(join(folderOf(id), partName), { flags: 'wx', mode: 0o600 })
        await pipeline(Readable.from(counted(), { objectMode: false }), file, { signal })
        if (bytes === 0) throw fieldError('invalid_input', 'body', 'is empty: send the file as the body')
        return { id, bytes }
      } catch (error) {
        await remove(id)
        throw explain(error)
      }
    },
    async keep(file, name) {
      const [inner = '', base = ''] = name.split('/')
      await mkdir(join(folderOf(file.id), inner), { mode: 0o700 })
      await rename(join(folderOf(file.id), partName), join(folderOf(file.id), inner, base))
      return { ...file, name, host }
    },
    async find({ id, name }) {
      const path = join(folderOf(id), name)
      const found = await stat(path).catch(() => undefined)
      return found?.isFile() ? path : undefined
    },
    async listOld(ageMs) {
      const ids = await readdir(folder).catch(() => [])
      const found = await Promise.all(
        ids.map(async (id) => ({ id, made: await stat(folderOf(id)).catch(() => undefined) })),
      )
      const isUuid = ({ id }: { id: string }) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
      return found
        .filter(isUuid)
        .filter(({ made }) => made !== undefined && made.mtimeMs < Date.now() - ageMs)
        .map(({ id }) => id)
    },
  }
}

/** What is in it is private; a folder of somebody else's, in a place where all may write, is not taken. */
async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (((await stat(folder)).mode & 0o002) !== 0) {
    throw new AppError(
      'not_ready',
      'The folder for uploads may be written by everyone. Set IMPORT_DIR to one that may not.',
    )
  }
}

async function bytesLeft(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

const tooLarge = (maxBytes: number) => fieldError('too_large', 'body', `must be at most ${maxBytes} bytes`)

const storageFull = (cause?: unknown) =>
  new AppError(
    'storage_full',
    'There is no room for the file on the server. Its operator sets the place by IMPORT_DIR.',
    {
      cause,
    },
  )

const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function explain(error: unknown): unknown {
  return fullDisk.has((error as NodeJS.ErrnoException).code ?? '') ? storageFull(error) : error
}

const longestName = 100

/**
 * The name of an upload, as `folder/file`: the last two parts of what the caller says, with nothing in them that means something to a
 * file system.
 */
export function safeName(text: string): string {
  const parts = text
    .toWellFormed()
    .normalize('NFC')
    .split(/[\\/]/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
    .map((part) => part.replace(/[\u0000-\u001f\u007f:*?"<>|]/g, '').replace(/^[.\s]+|[.\s]+$/g, ''))
    .filter((part) => part !== '')
  const file = parts.at(-1) ?? 'upload'
  const ending = /\.\w{1,10}$/.exec(file)?.[0] ?? ''
  const short = [...file.slice(0, file.length - ending.length)].slice(0, longestName).join('') + ending
  return `${cutBytes(parts.at(-2) ?? 'import')}/${cutBytes(short)}`
}

/** File systems take 255 bytes. */
const cutBytes = (name: string) => (Buffer.byteLength(name) <= 240 ? name : [...name].slice(-50).join(''))
