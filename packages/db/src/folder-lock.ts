import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'

/** Two processes writing one data folder would destroy it. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError'
}

interface Holder {
  readonly pid: number
  readonly host: string
}

/** Folders that this process holds: its own number in a lock file tells nothing, for numbers begin anew in a container. */
const heldHere = new Set<string>()

/**
 * Takes the folder for this process; resolves to the function that gives it back. A lock left by a killed process is
 * taken over.
 *
 * @throws DataFolderInUseError while its holder lives, or may live on another host.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder)
  const file = join(path, 'lock')
  const mine = join(path, `lock.${randomUUID()}`)
  if (heldHere.has(path))
    throw new DataFolderInUseError(`This process has the embedded database in ${folder} open already.`)
  heldHere.add(path)
  try {
    // Written aside, then linked: the lock file is never there without its holder's name in it.
    await writeFile(mine, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder))
    while (!(await tryLink(mine, file))) await removeStale(folder, file)
  } catch (error) {
    heldHere.delete(path)
    throw error
  } finally {
    await rm(mine, { force: true })
  }
  return async () => {
    await rm(file, { force: true })
    heldHere.delete(path)
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Moves a dead holder's lock away. Of several that try at once, one moves it; another could then move the winner's new
 * lock, so what was moved is looked at again, and put back where it is not the dead one's.
 */
async function removeStale(folder: string, file: string): Promise<void> {
  const stale = await readFile(file, 'utf8').catch(() => undefined)
  if (stale === undefined) return
  assertDead(folder, file, stale)
  const moved = `${file}.${randomUUID()}`
  try {
    await rename(file, moved)
  } catch {
    return
  }
  if ((await readFile(moved, 'utf8')) !== stale) await tryLink(moved, file)
  await rm(moved, { force: true })
}

function assertDead(folder: string, file: string, text: string): void {
  const { pid, host } = JSON.parse(text) as Holder
  if (host !== hostname()) {
    throw new DataFolderInUseError(
      `The embedded database in ${folder} was opened on the host ${host}. If nothing runs there any more, delete ${file}.`,
    )
  }
  if (pid === process.pid || !isAlive(pid)) return
  throw new DataFolderInUseError(
    `The embedded database in ${folder} is open in process ${pid}. Stop that process (often a running server), or set DATABASE_URL to a PostgreSQL server, which many processes can share.`,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
