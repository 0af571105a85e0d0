import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import type {} from 'vitest'
import { createDatabase, type DatabaseHandle, type DatabaseOptions } from '../create-db.ts'
import { migrate } from '../migrate.ts'

/** A migrated, empty database to clone from: a dumped folder, or the name of a database on a server. */
export type Template =
  | { readonly kind: 'embedded'; readonly file: string }
  | { readonly kind: 'postgres'; readonly serverUrl: string; readonly name: string }

declare module 'vitest' {
  interface ProvidedContext {
    /** What `createTestDatabase` clones; `tooling/vitest/database-setup.ts` provides it. */
    readonly databaseTemplate: Template
  }
}

/** Made once a run: migrating costs seconds, cloning a fraction of one. */
export async function createTemplate(serverUrl: string | undefined): Promise<Template> {
  return serverUrl === undefined ? createEmbeddedTemplate() : createServerTemplate(serverUrl)
}

export async function removeTemplate(template: Template): Promise<void> {
  if (template.kind === 'embedded') await rm(join(template.file, '..'), { recursive: true })
  else await onServer(template.serverUrl, `drop database if exists ${template.name} with (force)`)
}

export interface TestDatabase extends DatabaseHandle {
  /** What `createDatabase` was given; a second handle on the same database is possible on a server only. */
  readonly url: string
}

/** A fresh clone of the template, for one test file. Closing it drops it. */
export async function createTestDatabase(
  template: Template,
  options: Omit<DatabaseOptions, 'url'> = {},
): Promise<TestDatabase> {
  if (template.kind === 'embedded') {
    const embeddedSnapshot = await openAsBlob(template.file)
    const handle = await createDatabase({ ...options, url: 'memory:', embeddedSnapshot })
    return { ...handle, url: 'memory:' }
  }
  const name = newName()
  await onServer(template.serverUrl, `create database ${name} template ${template.name}`)
  const url = withDatabase(template.serverUrl, name)
  const handle = await createDatabase({ ...options, url })
  return {
    ...handle,
    url,
    async close() {
      await handle.close()
      await onServer(template.serverUrl, `drop database if exists ${name} with (force)`)
    },
  }
}

/** An empty database, not even migrated; for the migrations' own tests. */
export async function createBlankDatabase(template: Template): Promise<TestDatabase> {
  if (template.kind === 'embedded') return { ...(await createDatabase({ url: 'memory:' })), url: 'memory:' }
  return createTestDatabase({ ...template, name: 'template0' })
}

async function createEmbeddedTemplate(): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-template-'))
  const data = join(folder, 'data')
  const handle = await createDatabase({ url: data })
  await migrate(handle)
  await handle.close()
  const pglite = await PGlite.create({ dataDir: join(data, 'pg'), extensions: { vector, pg_trgm } })
  const dump = await pglite.dumpDataDir('none')
  await pglite.close()
  const file = join(folder, 'template.tar')
  await writeFile(file, dump.stream())
  return { kind: 'embedded', file }
}

async function createServerTemplate(serverUrl: string): Promise<Template> {
  const name = newName()
  await onServer(serverUrl, `create database ${name} template template0`)
  const handle = await createDatabase({ url: withDatabase(serverUrl, name) })
  await migrate(handle)
  await handle.close()
  return { kind: 'postgres', serverUrl, name }
}

function newName(): string {
  return `extropy_test_${randomBytes(6).toString('hex')}`
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
