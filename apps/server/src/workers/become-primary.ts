import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'

export interface CrewSettings {
  readonly workers: number
  /** The workers may take so long to stop; then they are killed. */
  readonly stopMs: number
  readonly host: string
  readonly logLevel: Config['LOG_LEVEL']
}

/** The environment variable that carries the settings over: JSON. */
export const crewVariable = 'EXTROPY_CREW'

/**
 * Makes this process the primary one, which has checked the settings and needs nothing more of what serves: it begins anew, under the same
 * id, with a program that takes 90 MB instead of 190.
 */
export async function becomePrimary(settings: CrewSettings): Promise<void> {
  const program = new URL('./primary.ts', import.meta.url)
  const value = JSON.stringify(settings)
  const args = [process.execPath, ...process.execArgv, fileURLToPath(program)]
  // Windows has no such call.
  process.execve?.(process.execPath, args, { ...process.env, [crewVariable]: value })
  process.env[crewVariable] = value
  await import(program.href)
}
