import { once } from 'node:events'
import { createServer } from 'node:net'
import { BadCallError } from './bench-case.ts'

/** @throws BadCallError where `--port` is no port */
export function portOf(option: string | boolean | undefined): number | undefined {
  if (option === undefined) return undefined
  if (!/^\d{1,5}$/.test(String(option)) || Number(option) > 65_535) {
    throw new BadCallError(`--port must be a port, not ${option}`)
  }
  return Number(option)
}

/** Before data is made for a run that could not use it. @throws BadCallError where somebody listens there */
export async function assertPortIsFree(port: number | undefined): Promise<void> {
  if (port === undefined) return
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new BadCallError(`--port ${port} can't be used: ${(error as Error).message}`)
  }
  server.close()
  await once(server, 'close')
}
