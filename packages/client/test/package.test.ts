import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url))

/** A project that has the packed client and its two dependencies, and nothing else. */
let consumer: string

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'extropy-consumer-'))
  execFileSync('pnpm', ['pack', '--pack-destination', consumer], { cwd: packageFolder, stdio: 'pipe' })
  const tarball = readdirSync(consumer).find((file) => file.endsWith('.tgz')) as string
  const modules = join(consumer, 'node_modules')
  mkdirSync(join(modules, '@extropy/client'), { recursive: true })
  execFileSync('tar', ['xzf', join(consumer, tarball), '-C', join(modules, '@extropy/client'), '--strip-components=1'])
  for (const dependency of ['@trpc/client', '@trpc/server']) {
    cpSync(join(packageFolder, 'node_modules', dependency), join(modules, dependency), {
      recursive: true,
      dereference: true,
    })
  }
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rmSync(consumer, { recursive: true }))

/** The compiler's errors for this source, library declarations checked too. */
function errorsOf(source: string, target = 'esnext'): string[] {
  writeFileSync(join(consumer, 'index.ts'), source)
  writeFileSync(
    join(consumer, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        target,
        module: 'nodenext',
        lib: [target, 'dom'],
        types: [],
      },
      files: ['index.ts'],
    }),
  )
  const { stdout } = spawnSync(tsc, ['-p', consumer, '--pretty', 'false'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}

test.each(['esnext', 'es2022'])(
  'the packed client, alone in a folder that compiles for %s, type-checks a right call',
  (target) => {
    const source = `
    import { createClient, type ErrorCode, type ErrorReason, type Inputs, isExtropyError, type Outputs } from '@extropy/client'
    const extropy = createClient({ url: 'http://localhost:8000', apiKey: 'extro_live_x' })
    const input: Inputs['query']['rag'] = { prompt: 'flat config', nResults: 3, platform: 'web' }
    const answer: Outputs['query']['rag'] = await extropy.query.rag.query(input)
    const distance: number | undefined = answer.results[0]?.vector?.cosineDistance
    const next: string | null = (await extropy.contents.list.query({ limit: 5 })).nextCursor
    export const codeOf = (error: unknown): [ErrorCode, ErrorReason] | undefined =>
      isExtropyError(error) && error.data ? [error.data.code, error.data.reason] : undefined
    console.log(distance, next)
  `
    expect(errorsOf(source, target)).toEqual([])
  },
)

test('the packed client, alone in a folder, makes each wrong call a type error', () => {
  const errors = errorsOf(`
    import { createClient } from '@extropy/client'
    const extropy = createClient({ url: 'http://localhost:8000' })
    await extropy.query.rag.query({ prompt: 42 })
    await extropy.query.rag.query({ prompt: 'a', platform: 'myspace' })
    const answer = await extropy.query.rag.query({ prompt: 'a' })
    answer.results[0]?.nonsense
    await extropy.nothing.here.query()
  `)
  expect(errors.map((line) => Number(/\((\d+),/.exec(line)?.[1]))).toEqual([4, 5, 7, 8])
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
