import { embeddedFolder } from '@extropy/db'
import { type Config, parseConfig } from '../config.ts'
import { type Door, findDoor } from '../door/door-file.ts'

/** Where a server is looked for that nobody has named. */
export const defaultUrl = 'http://127.0.0.1:8000'

/** The server that a command asks: EXTROPY_KEY's, else the one that has the embedded database open. Undefined: it opens the database. */
export function findServer(config?: Config): Door | undefined {
  const { EXTROPY_KEY: key, EXTROPY_URL: url = defaultUrl } = process.env
  return key ? { url: url.replace(/\/$/, ''), key } : findHolder(config)
}

/** The server that has the embedded database of DATABASE_URL open, for commands that are about the database itself. */
export function findHolder(config: Config = parseConfig(process.env)): Door | undefined {
  const folder = embeddedFolder(config.DATABASE_URL)
  return folder === undefined ? undefined : findDoor(folder)
}
