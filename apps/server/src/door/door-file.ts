import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { doorFile, isFolderHeld } from '@extropy/db'
import { z } from 'zod'

const Door = z.object({ url: z.url({ protocol: /^http$/ }), key: z.string() })

/** A server, with a key to it. */
export type Door = Readonly<z.output<typeof Door>>

/** Leaves the way to this server in its data folder, for its owner alone. Returns what takes it away. */
export function leaveDoor(folder: string, door: Door): () => void {
  const path = join(folder, doorFile)
  rmSync(path, { force: true })
  // A new file or none: nobody else's rights on it, and no link to elsewhere.
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    writeSync(descriptor, JSON.stringify(door))
  } finally {
    closeSync(descriptor)
  }
  return () => rmSync(path, { force: true })
}

/**
 * The server that has this database open now; undefined where none has. What a killed server left is no way in: the folder is nobody's
 * then, and its key is never sent to whoever has its port by now.
 */
export function findDoor(folder: string): Door | undefined {
  try {
    const door = Door.parse(JSON.parse(readFileSync(join(folder, doorFile), 'utf8')))
    return isFolderHeld(folder) ? door : undefined
  } catch {
    // None, or one that is being written or taken away.
    return undefined
  }
}

/** The address at which a command on this machine reaches a server that listens on `host`. */
export function urlFromHere(host: string, port: number): string {
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${here.includes(':') ? `[${here}]` : here}:${port}`
}
