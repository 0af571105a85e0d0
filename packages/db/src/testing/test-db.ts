import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, openAsBlob } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import type {} from 'vitest'
import { createDatabase, type DatabaseHandle, type DatabaseOptions } from '../create-db.ts'
import { migrate } from '../migrate.ts'

/** A migrated, empty database to clone from: a dumped folder (a tar), or the name of a database on a server. */
export type Template =
  | { readonly kind: 'embedded'; readonly file: string }
  | { readonly kind: 'postgres'; readonly serverUrl: string; readonly name: string }

declare module 'vitest' {
  interface ProvidedContext {
    /** The template for `createTestDatabase`; `tooling/vitest/database-setup.ts` provides it. */
    readonly databaseTemplate: Template
  }
}

/** Made once a run: migrating costs seconds, cloning a fraction of one. */
export async function createTemplate(serverUrl: string | undefined): Promise<Template> {
  return serverUrl === undefined ? createEmbeddedTemplate() : createServerTemplate(serverUrl)
}

export async function removeTemplate(template: Template): Promise<void> {
  if (template.kind === 'postgres')
    await onServer(template.serverUrl, `drop database if exists ${template.name} with (force)`)
}

export interface TestDatabase extends DatabaseHandle {
  /** The URL given to `createDatabase`; a second handle on the same database is possible on a server only. */
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

/** Kept from run to run, for as long as nothing that it is made of has changed. */
function createEmbeddedTemplate(): Promise<Extract<Template, { kind: 'embedded' }>> {
  embedded ??= buildEmbeddedTemplate()
  return embedded
}

let embedded: ReturnType<typeof buildEmbeddedTemplate> | undefined

async function buildEmbeddedTemplate(): Promise<Extract<Template, { kind: 'embedded' }>> {
  const file = join(cacheFolder, `embedded-${await hashOfSources()}.tar`)
  if (existsSync(file)) return { kind: 'embedded', file }
  const folder = await mkdtemp(join(tmpdir(), 'extropy-template-'))
  const handle = await createDatabase({ url: folder })
  await migrate(handle)
  await handle.close()
  const pglite = await PGlite.create({ dataDir: join(folder, 'pg'), extensions: { vector, pg_trgm } })
  const dump = await pglite.dumpDataDir('none')
  await pglite.close()
  await rm(folder, { recursive: true })
  await mkdir(cacheFolder, { recursive: true })
  // Other runs may be making the same one: whole files only.
  await writeFile(`${file}.${process.pid}`, dump.stream())
  await rename(`${file}.${process.pid}`, file)
  for (const name of await readdir(cacheFolder)) {
    if (name.endsWith('.tar') && join(cacheFolder, name) !== file) await rm(join(cacheFolder, name))
  }
  return { kind: 'embedded', file }
}

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const cacheFolder = join(root, 'node_modules/.cache/extropy-test-databases')

/** A hash of the migrations, the tables and all else in this package, and of the installed versions. */
async function hashOfSources(): Promise<string> {
  const sources = fileURLToPath(new URL('..', import.meta.url))
  const names = (await readdir(sources, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name)).sort()
  const digest = createHash('sha256')
  for (const file of [...names.map((name) => join(sources, name)), join(root, 'pnpm-lock.yaml')]) {
    digest.update(`${file}\0`).update(await readFile(file))
  }
  return digest.digest('hex').slice(0, 16)
}

/** Makes a migrated, empty data folder, for a process that is started on it, and returns its path. */
export async function createTestFolder(folder: string): Promise<string> {
  const { file } = await createEmbeddedTemplate()
  const data = join(folder, 'pg')
  await mkdir(data, { recursive: true })
  await promisify(execFile)('tar', ['-xf', file, '-C', data])
  return folder
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
