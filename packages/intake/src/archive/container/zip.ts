import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openPromise, validateFileName, type ZipFile, type Entry as ZipFileEntry } from 'yauzl'
import { ArchiveError } from '../archive-error.ts'
import { problem } from '../archive-event.ts'
import { byPath, type Container, type Entry, isHidden } from './container.ts'

/** Entries; an archive of ten years of photographs has some 100,000. */
const maxEntries = 500_000
/** Unpacked for each packed byte. JSON and CSV come to 10 or 20, a log that repeats itself to 100, a bomb to 1,000. */
const maxRatio = 200
/** Below it, in bytes, a ratio hurts nobody. */
const harmlessBytes = 64 * 2 ** 20
const maxTotalBytes = 64 * 2 ** 30

/**
 * Lists a zip and judges it before anything of it is read: names that lead out of it, encryption, sizes that only a bomb
 * has. Nothing is ever written to a name of the zip's own.
 *
 * @throws ArchiveError
 */
export async function openZip(path: string, name: string, size: number): Promise<Container> {
  const zip = await openPromise(path, { autoClose: false, decodeStrings: true }).catch((cause: Error) => {
    throw unreadable(cause)
  })
  try {
    return await listZip(zip, name, size)
  } catch (error) {
    zip.close()
    throw error instanceof ArchiveError ? error : unreadable(error as Error)
  }
}

async function listZip(zip: ZipFile, name: string, size: number): Promise<Container> {
  const entries: Entry[] = []
  const problems: Container['problems'][number][] = []
  let totalBytes = 0
  let encrypted = 0
  if (zip.entryCount > maxEntries) throw new ArchiveError('bomb', `has more than ${maxEntries} entries`)
  for await (const entry of zip.eachEntry()) {
    const { fileName, uncompressedSize } = entry
    const fault = validateFileName(fileName)
    if (fault !== null) throw unsafeName(fileName)
    if (fileName.endsWith('/') || isHidden(fileName)) continue
    totalBytes += uncompressedSize
    if (isBomb(uncompressedSize, entry.compressedSize)) {
      throw new ArchiveError('bomb', `unpacks ${fileName} to ${sizeOf(uncompressedSize)}, which no true export does`)
    }
    if (isSymlink(entry)) {
      problems.push({ entry: fileName, found: problem('symlink', 'is a link, which is not followed') })
    } else if (entry.isEncrypted()) {
      encrypted++
      problems.push({ entry: fileName, found: problem('encrypted', 'is encrypted: unpack the zip with its password') })
    } else {
      entries.push({ path: fileName, size: uncompressedSize, open: () => zip.openReadStreamPromise(entry) })
    }
  }
  if (isBomb(totalBytes, size) || totalBytes > maxTotalBytes) {
    throw new ArchiveError('bomb', `unpacks to ${sizeOf(totalBytes)}, which no true export does`)
  }
  if (encrypted > 0) {
    throw new ArchiveError('encrypted', 'is encrypted: unpack it with its password, and name the folder')
  }
  return { name, entries: entries.sort(byPath), problems, isOneFile: false, close: async () => zip.close() }
}

/** Copies a zip inside a zip to a file of its own, since a zip is read from its end. */
export async function openNestedZip(entry: Entry): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-zip-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'nested.zip')
    await pipeline(await entry.open(), createWriteStream(path))
    const container = await openZip(path, nameOf(entry.path), entry.size)
    return {
      ...container,
      async close() {
        await container.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

export const nameOf = (path: string): string => path.replace(/^.*\//, '').replace(/\.[^.]*$/, '')

const isBomb = (bytes: number, packedBytes: number) => bytes > harmlessBytes && bytes > packedBytes * maxRatio

/** The upper half of the attributes is the mode, where the zip was made on a Unix; 0o120000 is a link. */
const isSymlink = (entry: ZipFileEntry) =>
  entry.versionMadeBy >>> 8 === 3 && ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000

const sizeOf = (bytes: number) => `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`

const unsafeName = (name: string) =>
  new ArchiveError('unsafe-name', `has an entry ${JSON.stringify(name.slice(0, 200))}, which leads out of the zip`)

/** yauzl tells by its messages alone. */
function unreadable(cause: Error): ArchiveError {
  const { message } = cause
  if (/^(absolute path|invalid relative path|invalid characters in fileName)/.test(message)) {
    return unsafeName(message.replace(/^.*?: /, ''))
  }
  if (/end of central directory|central directory|expected|truncated|unexpected EOF/i.test(message)) {
    return new ArchiveError('cut', 'is cut off, or no whole zip: download it again', { cause })
  }
  return new ArchiveError('unreadable', `cannot be read as a zip: ${message}`, { cause })
}
