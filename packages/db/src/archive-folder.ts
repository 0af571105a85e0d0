import { mkdir, mkdtemp, open, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ArchivedMonthError } from './partitions.ts'

/**
 * Makes the folder where it is missing, and finds out whether files can be made in it, before any month is touched.
 *
 * @throws ArchivedMonthError where they cannot.
 */
export async function makeArchiveFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    // Permissions alone do not say it: root may write everywhere, and yet neither into /proc nor where all is read-only.
    await rmdir(await mkdtemp(join(folder, '.extropy-')))
  } catch (error) {
    const { message } = error as Error
    throw new ArchivedMonthError(
      `--archive ${folder}: files cannot be written there (${message}). Name a folder that takes files.`,
      { cause: error },
    )
  }
}

/**
 * With the folders above it that are missing. Node's own `recursive` never returns where a folder is there but takes none,
 * such as /proc: told that something is missing, it makes the parent, finds it there, and begins again.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (await isFolder(folder)) return
    const parent = dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder || (await isFolder(parent))) throw error
    await makeFolder(parent)
    return makeFolder(folder)
  }
  await syncFolder(dirname(folder))
}

/** Not everywhere can a folder be opened, or synced: what PostgreSQL overlooks for its own folders, and Windows' EPERM. */
const cannotSync: ReadonlySet<string | undefined> = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'EPERM'])

/** A file's own sync keeps its bytes; its name is kept by its folder. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder)
    await handle.sync()
  } catch (error) {
    if (!cannotSync.has((error as NodeJS.ErrnoException).code)) throw error
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
