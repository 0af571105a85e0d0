import { existsSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The data folder is another process's, or cannot be locked at all. Two that write to it would destroy it. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

/** In the folder: the way to the server that has it open, for commands. See apps/server/src/door. */
export const doorFile = 'door'

/** Kept here, or the garbage collector would close them and so give the folders away. */
const held = new Map<string, DatabaseSync>()

const sqliteBusy = 5
const sqliteNotADatabase = 26

/**
 * Takes the folder for this process; returns the function that gives it back. The lock is the kernel's, on the file `lock`
 * (Node offers it by way of SQLite): it ends with its process, however that ends, and holds between containers, where a
 * process's number and the host's name say nothing.
 *
 * @throws DataFolderError
 */
export function lockFolder(folder: string): () => void {
  const path = realpathSync(folder)
  if (held.has(path)) throw new DataFolderError(`This process has the embedded database in ${folder} open already.`)
  const lock = takeLock(folder, path)
  held.set(path, lock)
  // Left by a server that was killed: it leads to nobody, or by now to a stranger.
  rmSync(join(path, doorFile), { force: true })
  // For the message alone; nobody's decision hangs on it.
  const holder = join(path, 'holder')
  writeFileSync(holder, `process ${process.pid} on host ${hostname()}, since ${new Date().toISOString()}`)
  return () => {
    rmSync(holder, { force: true })
    held.delete(path)
    lock.close()
  }
}

/** Whether a process, this one included, has the database in the folder open. */
export function isFolderHeld(folder: string): boolean {
  const file = join(realpathSync(folder), 'lock')
  if (held.has(realpathSync(folder))) return true
  if (!existsSync(file)) return false
  try {
    beginExclusive(file).close()
    return false
  } catch (error) {
    return (error as { errcode?: number }).errcode === sqliteBusy
  }
}

function takeLock(folder: string, path: string): DatabaseSync {
  const file = join(path, 'lock')
  try {
    return lockFile(file)
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string }
    if (errcode === sqliteBusy) {
      throw new DataFolderError(
        `The embedded database in ${folder} is open in another process (${holderOf(path)}). Stop it (often a running server), or set DATABASE_URL to a PostgreSQL server, which many processes can share.`,
      )
    }
    throw new DataFolderError(
      `The folder ${folder} cannot be locked: ${message}. It must be writable, on a file system that knows locks, such as a local disk.`,
      { cause: error },
    )
  }
}

/** Whatever is in the file, from before a power cut or from another program, is emptied, not replaced: the lock is on this very file. */
function lockFile(file: string): DatabaseSync {
  try {
    return beginExclusive(file)
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== sqliteNotADatabase) throw error
    truncateSync(file)
    return beginExclusive(file)
  }
}

function beginExclusive(file: string): DatabaseSync {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    // Nothing is written, so nothing needs a journal beside the file.
    lock.exec('pragma journal_mode = memory; begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function holderOf(path: string): string {
  try {
    return readFileSync(join(path, 'holder'), 'utf8').slice(0, 200) || 'nobody knows which'
  } catch {
    return 'nobody knows which'
  }
}
