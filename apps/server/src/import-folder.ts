import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** The folder where uploads wait. In the folder for temporary files each user has their own: it is closed to the others. */
export function importFolder({ IMPORT_DIR, DATABASE_URL }: Pick<Config, 'IMPORT_DIR' | 'DATABASE_URL'>): string {
  if (IMPORT_DIR !== undefined) return IMPORT_DIR
  const isFolder = !/^(postgres(ql)?|memory):/.test(DATABASE_URL)
  return isFolder ? `${DATABASE_URL.replace(/\/+$/, '')}-imports` : join(tmpdir(), `extropy-imports-${userInfo().uid}`)
}
