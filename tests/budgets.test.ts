import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { appRouter } from '@extropy/api'
import { createTestDeps, createWorld, examples } from '@extropy/api/testing'
import { createTemplate, createTestDatabase, createTestFolder } from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { cacheHit, clientBundleGzipBytes, instantiations, queriesOf, startUp } from './budgets/limits.ts'

// That each list and look-up uses its index is asserted by EXPLAIN in packages/api/src/query-plans.test.ts.

const folder = fileURLToPath(new URL('./budgets/', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

test('every read sends exactly its budget of statements', async () => {
  let isCounting = false
  let count = 0
  const database = await createTestDatabase(await createTemplate(undefined), {
    onQuery: () => {
      if (isCounting) count++
    },
  })
  const deps = await createTestDeps(database)
  const world = await createWorld(deps)
  const reads = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>)
    .filter(([, { _def }]) => _def.type === 'query')
    .map(([path]) => path)
    .sort()
  const counted: Record<string, number> = {}
  for (const path of reads) {
    const example = await examples[path]?.(world)
    if (example === undefined) throw new Error(`${path} has no example: see packages/api/src/testing/world.ts`)
    await deps.cache.clear()
    const [feature = '', name = ''] = path.split('.')
    const caller = (example.isOwners ? world.owner : world.admin).as() as unknown as Record<
      string,
      Record<string, (input: unknown) => Promise<unknown>>
    >
    count = 0
    isCounting = true
    const answer = await caller[feature]?.[name]?.(example.input)
    if (answer !== null && typeof answer === 'object' && Symbol.asyncIterator in answer) {
      for await (const _ of answer as AsyncIterable<unknown>);
    }
    isCounting = false
    counted[path] = count
  }
  await database.close()
  expect(counted).toEqual(queriesOf)
})

test('a cache hit makes no promise, and next to no garbage', () => {
  const output = execFileSync(process.execPath, [join(folder, 'cache-hit.ts')]).toString()
  const { counted, promises, bytesPerHit } = JSON.parse(output) as Record<string, number>
  expect(counted).toBe(true)
  expect(promises).toBe(cacheHit.promises)
  expect(bytesPerHit).toBeLessThanOrEqual(cacheHit.bytesPerHit)
})

test.each([
  ['packages/api', instantiations.api],
  ['tests/budgets/consumer', instantiations.consumer],
])('the compiler instantiates no more types in %s than its budget', (project, limit) => {
  const output = execFileSync('node_modules/.bin/tsc', ['-p', project, '--extendedDiagnostics'], { cwd: root })
  const count = Number(/Instantiations:\s*(\d+)/.exec(output.toString())?.[1])
  expect(count).toBeGreaterThan(1000)
  expect(count).toBeLessThanOrEqual(limit)
})

test('the client’s size in a web page is within its budget', async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '@extropy/client'`, resolveDir: folder },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '').byteLength
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThanOrEqual(clientBundleGzipBytes)
})

test('a server loads no more modules than its budget, and none that it may never need', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'extropy-budgets-'))
  const file = join(scratch, 'modules')
  try {
    const server = await startServer({
      DATABASE_URL: await createTestFolder(join(scratch, 'data')),
      NODE_OPTIONS: `--import ${JSON.stringify(join(folder, 'count-modules.ts'))}`,
      COUNT_MODULES_FILE: file,
    })
    server.child.kill('SIGTERM')
    await server.exit()
    const urls = (await readFile(file, 'utf8')).split('\n')
    const packages = new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []))
    expect([...packages]).toContain('hono')
    expect(startUp.neverLoaded.filter((name) => packages.has(name))).toEqual([])
    expect(urls.length).toBeLessThanOrEqual(startUp.modules)
  } finally {
    await rm(scratch, { recursive: true })
  }
})
