import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApiDocument } from '@extropy/server/app'
import { createClient } from '@hey-api/openapi-ts'
import openapiTs, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
let input: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-generated-'))
  input = join(folder, 'openapi.json')
  await writeFile(input, JSON.stringify(openApiDocument('0.0.0')))
})
afterAll(() => rm(folder, { recursive: true }))

/** The strict compiler's complaints about these files. */
function errorsOf(...files: readonly string[]): string {
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', 'false', '--skipLibCheck']
  const target = [
    '--target',
    'esnext',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--lib',
    'esnext,dom,dom.iterable',
  ]
  const { stdout, stderr } = spawnSync('node_modules/.bin/tsc', [...options, ...target, '--types', '', ...files], {
    encoding: 'utf8',
  })
  return stdout + stderr
}

test('types that openapi-typescript generates compile under strict, and name what is answered', async () => {
  const types = astToString(await openapiTs(new URL(`file://${input}`)))
  const file = join(folder, 'types.ts')
  const use = `
    const result: components['schemas']['SearchResult'] | undefined = undefined as
      paths['/query/rag']['get']['responses'][200]['content']['application/json']['results'][number] | undefined
    export const title: string | undefined = result?.content.title`
  await writeFile(file, types + use)
  expect(errorsOf(file)).toBe('')
  await writeFile(file, `${types + use}; export const wrong: number = result?.content.title`)
  expect(errorsOf(file)).toContain('error TS')
})

test('a client that hey-api generates compiles under strict', async () => {
  const output = join(folder, 'hey')
  await createClient({ input, output, logs: { level: 'silent' } })
  const file = join(output, 'use.ts')
  const use = `
    import { queryRag } from './index'
    const { data } = await queryRag({ query: { prompt: 'a' } })
    export const title: string | undefined = data?.results[0]?.content.title
    export {}`
  await writeFile(file, use)
  expect(errorsOf(file)).toBe('')
})
