import { createReadStream } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ArchiveError } from '../archive-error.ts'
import { problem } from '../archive-event.ts'
import { byPath, type Container, type Entry, isHidden } from './container.ts'

/** Above it a folder is somebody's whole disk, not what they wrote. */
const maxFiles = 500_000

/** All files below a folder. Links are not followed: they may lead out of it, or round in a circle. */
export async function openFolder(path: string): Promise<Container> {
  const entries: Entry[] = []
  const problems: Container['problems'][number][] = []
  const walk = async (folder: string): Promise<void> => {
    for await (const child of await opendir(join(path, folder))) {
      const name = folder === '' ? child.name : `${folder}/${child.name}`
      if (isHidden(name)) continue
      if (child.isDirectory()) await walk(name)
      else if (child.isFile()) {
        const { size } = await stat(join(path, name))
        entries.push({ path: name, size, open: async () => createReadStream(join(path, name)) })
        if (entries.length > maxFiles) throw new ArchiveError('bomb', `has more than ${maxFiles} files`)
      } else if (child.isSymbolicLink()) {
        problems.push({ entry: name, found: problem('symlink', 'is a link, which is not followed') })
      }
    }
  }
  await walk('')
  return {
    name: basename(await realpath(path)),
    entries: entries.sort(byPath),
    problems,
    isOneFile: false,
    close: async () => {},
  }
}

/** One file, named in the folder that it lies in: `posts/a.md` is the same thing alone and as a part of `posts`. */
export async function openFile(path: string, size: number): Promise<Container> {
  const whole = await realpath(path)
  return {
    name: basename(dirname(whole)),
    entries: [{ path: basename(path), size, open: async () => createReadStream(path) }],
    problems: [],
    isOneFile: true,
    close: async () => {},
  }
}
