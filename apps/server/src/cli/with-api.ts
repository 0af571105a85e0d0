import { appJobs } from '@extropy/api'
import { pino } from 'pino'
import { parseConfig } from '../config.ts'
import { createLocalDoor } from '../door/local-door.ts'
import { createApp } from '../http/app.ts'
import { openDeps } from '../open-deps.ts'
import { runJobs } from '../run-jobs.ts'
import { type Api, createApi, serverApi } from './api.ts'
import { findServer } from './server-door.ts'

/** A command's own process waits as long as it takes. */
const deadlineMs = 24 * 3600 * 1000

/**
 * Asks the server that has the database open, or the one of EXTROPY_KEY; without one it opens the database, and is the server for as
 * long as the command takes: the same routes, and a worker for the looks that the command asks for.
 */
export async function withApi<Result>(
  use: (api: Api, where: { readonly isServer: boolean }) => Promise<Result>,
): Promise<Result> {
  const config = parseConfig(process.env)
  const server = findServer(config)
  if (server !== undefined) return use(serverApi(server), { isServer: true })
  const deps = await openDeps(config, {
    onReread: (part) => process.stderr.write(`The rules for words have changed: reading stored ${part} anew.\n`),
  })
  try {
    const localDoor = createLocalDoor(deps)
    const logger = pino({ level: 'error' }, process.stderr)
    const { hono } = createApp(deps, logger, { localDoor, deadlineMs })
    const looks = appJobs.filter(({ kind }) => kind.startsWith('scrape.'))
    const worker = await runJobs(config, deps, logger, looks)
    try {
      return await use(
        createApi(localDoor.key, async (path, init) => hono.request(path, init)),
        { isServer: false },
      )
    } finally {
      await worker.close()
    }
  } finally {
    await deps.close()
  }
}
