import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { build } from 'esbuild'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url))

/** A project that has the packed client and its two dependencies, and nothing else. */
let consumer: string
/** The same with the oldest dependencies that the client says it works with. */
let oldest: string

beforeAll(() => {
  consumer = createConsumer({ '@trpc/client': '@trpc/client', '@trpc/server': '@trpc/server' })
  oldest = createConsumer({ '@trpc/client': 'trpc-client-oldest', '@trpc/server': 'trpc-server-oldest' })
})
afterAll(() => {
  for (const folder of [consumer, oldest]) rmSync(folder, { recursive: true })
})

function createConsumer(dependencies: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'extropy-consumer-'))
  const tarball = 'extropy-client.tgz'
  execFileSync('pnpm', ['pack', '--out', join(folder, tarball)], { cwd: packageFolder, stdio: 'pipe' })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@extropy/client'), { recursive: true })
  execFileSync('tar', ['xzf', join(folder, tarball), '-C', join(modules, '@extropy/client'), '--strip-components=1'])
  for (const [name, installed] of Object.entries(dependencies)) {
    cpSync(join(packageFolder, 'node_modules', installed), join(modules, name), { recursive: true, dereference: true })
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

/** The compiler's errors for this source, library declarations checked too. */
function errorsOf(source: string, { target = 'esnext', folder = consumer, skipLibCheck = false } = {}): string[] {
  writeFileSync(join(folder, 'index.ts'), source)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck,
        target,
        module: 'nodenext',
        lib: [target, 'dom'],
        types: [],
      },
      files: ['index.ts'],
    }),
  )
  const { stdout } = spawnSync(tsc, ['-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}

test.each(['esnext', 'es2022'])(
  'the packed client, alone in a folder that compiles for %s, type-checks a right call',
  (target) => {
    const source = `
    import { type AnswerEvent, type Card, createClient, type ErrorCode, type ErrorReason, type Inputs, isExtropyError, type Outputs, type SearchResult } from '@extropy/client'
    const extropy = createClient({ url: 'http://localhost:8000', apiKey: async () => 'extro_live_x' })
    const input: Inputs['query']['rag'] = { prompt: 'flat config', nResults: 3, platform: 'web' }
    const answer: Outputs['query']['rag'] = await extropy.query.rag.query(input)
    const distance: number | undefined = answer.results[0]?.vector?.cosineDistance
    const next: string | null = (await extropy.contents.list.query({ limit: 5 })).nextCursor
    export const codeOf = (error: unknown): [ErrorCode, ErrorReason] | undefined =>
      isExtropyError(error) && error.data ? [error.data.code, error.data.reason] : undefined
    const first: SearchResult | undefined = answer.results[0]
    const cards: Card[] = (await extropy.cards.list.query()).items
    for await (const event of await extropy.query.answer.query({ prompt: 'flat config' })) {
      const piece: AnswerEvent = event
      if (piece.type === 'sentence') console.log(piece.text)
    }
    console.log(distance, next, first, cards)
  `
    expect(errorsOf(source, { target })).toEqual([])
    expect(errorsOf(source, { target, folder: oldest, skipLibCheck: true })).toEqual([])
  },
)

test('TanStack Query takes the packed client as it is', () => {
  const names = [
    '@tanstack/react-query',
    '@trpc/tanstack-react-query',
    '@types/react',
    'react',
    '@trpc/client',
    '@trpc/server',
  ]
  const folder = mkdtempSync(join(tmpdir(), 'extropy-tanstack-'))
  const modules = join(folder, 'node_modules')
  try {
    for (const name of names) {
      mkdirSync(join(modules, name, '..'), { recursive: true })
      symlinkSync(realpathSync(join(packageFolder, 'node_modules', name)), join(modules, name))
    }
    cpSync(join(consumer, 'node_modules/@extropy'), join(modules, '@extropy'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const source = `
      import { type AppRouter, createClient, type SearchResult } from '@extropy/client'
      import { QueryClient } from '@tanstack/react-query'
      import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
      const queryClient = new QueryClient()
      const extropy = createTRPCOptionsProxy<AppRouter>({ client: createClient({ url: '' }), queryClient })
      const { results } = await queryClient.fetchQuery(extropy.query.rag.queryOptions({ prompt: 'a' }))
      const first: SearchResult | undefined = results[0]
      extropy.contents.list.infiniteQueryOptions({ limit: 5 }, { getNextPageParam: ({ nextCursor }) => nextCursor })
      // @ts-expect-error: a number is no prompt
      extropy.query.rag.queryOptions({ prompt: 1 })
      console.log(first)
    `
    expect(errorsOf(source, { folder, skipLibCheck: true })).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the packed client, alone in a folder, makes each wrong call a type error', () => {
  const errors = errorsOf(`
    import { createClient } from '@extropy/client'
    const extropy = createClient({ url: 'http://localhost:8000' })
    await extropy.query.rag.query({ prompt: 42 })
    await extropy.query.rag.query({ prompt: 'a', platform: 'myspace' })
    const answer = await extropy.query.rag.query({ prompt: 'a' })
    answer.results[0]?.nonsense
    await extropy.nothing.here.query()
    await extropy.attributions.received.query()
    await extropy.attributions.backlinks.query()
  `)
  expect(errors.map((line) => Number(/\((\d+),/.exec(line)?.[1]))).toEqual([4, 5, 7, 8, 9, 10])
})

test('the packed client resolves for every kind of importer', async () => {
  const tarball = readFileSync(join(consumer, 'extropy-client.tgz'))
  const { messages } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) as ArrayBuffer },
  })
  expect(messages).toEqual([])
  const analysis = await checkPackage(createPackageFromTarballData(tarball))
  if (!analysis.types) throw new Error('no types')
  // ES modules alone, as it says of itself: importers that know only CommonJS are left out.
  const importers = analysis.problems.map((problem) => 'resolutionKind' in problem && problem.resolutionKind)
  expect(importers.filter((kind) => kind !== 'node10' && kind !== 'node16-cjs')).toEqual([])
})

test('the packed client runs in Node, and reports a server that does not answer', () => {
  writeFileSync(
    join(consumer, 'run.mjs'),
    `import { createClient, isExtropyError } from '@extropy/client'
     const error = await createClient({ url: 'http://127.0.0.1:1/' }).health.check.query().catch((error) => error)
     console.log(isExtropyError(error), error.data)`,
  )
  expect(execFileSync(process.execPath, ['run.mjs'], { cwd: consumer, encoding: 'utf8' })).toBe('true undefined\n')
})

test('the packed client bundles for browsers, without a line of the server', async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export * from '@extropy/client'`, resolveDir: consumer },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
  })
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1] ?? []),
  )
  expect([...packages].sort()).toEqual(['@extropy/client', '@trpc/client', '@trpc/server'])
  expect(outputFiles[0]?.text).not.toMatch(/\bnode:|\brequire\(/)
})
