import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import type { PoolConfig } from 'pg'
import { DataFolderError, lockFolder } from './folder-lock.ts'
import { pinStatements } from './session.ts'

export interface EmbeddedDatabase {
  readonly poolConfig: PoolConfig
  /** Undefined in memory. */
  readonly folder: string | undefined
  /** See `DatabaseHandle`. */
  readonly onNotification: (hear: (channel: string, payload: string) => void) => () => void
  close(): Promise<void>
}

/** The folder that a URL names; undefined for memory, and for a server. */
export function embeddedFolder(url: string): string | undefined {
  return url === 'memory:' || /^postgres(ql)?:/.test(url) ? undefined : url.replace(/^file:(\/\/)?/, '')
}

/** Opens PostgreSQL inside this process: in memory, or in a folder that this process then has for itself. */
export async function openEmbedded(url: string, snapshot?: Blob): Promise<EmbeddedDatabase> {
  const folder = embeddedFolder(url)
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  const unlock = folder === undefined ? undefined : lockFolder(folder)
  try {
    const pglite = await PGlite.create({
      ...(folder === undefined ? {} : { dataDir: join(folder, 'pg') }),
      ...(snapshot === undefined ? {} : { loadDataDir: snapshot }),
      extensions: { vector, pg_trgm },
    }).catch((error: unknown) => {
      if (folder === undefined) throw error
      const { message } = error as Error
      throw new DataFolderError(
        `The database in ${folder} cannot be opened: ${message}. Put a copy back, or name another folder in DATABASE_URL.`,
        { cause: error },
      )
    })
    await pglite.exec(pinStatements)
    return {
      folder,
      // PGlite stands in for the socket; `pg` has no type for that.
      poolConfig: { ...createPgConfig(pglite) } as PoolConfig,
      onNotification: (hear) => pglite.onNotification(hear),
      async close() {
        await pglite.close()
        unlock?.()
      },
    }
  } catch (error) {
    unlock?.()
    throw error
  }
}
