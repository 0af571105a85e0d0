import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const exec = promisify(execFile)

/** Of what is installed, without Node itself. */
const maxMegabytes = 350

const stages = ['web', 'install'] as const
type Stage = (typeof stages)[number]

let parent: string
let folder: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'extropy-production-'))
  folder = join(parent, 'install')
  await install()
})
afterAll(() => rm(parent, { recursive: true }))

/** The Dockerfile's stages before the last one, each done in a bare folder: there need be no Docker here. */
async function install(): Promise<void> {
  const dockerfile = await readFile('Dockerfile', 'utf8')
  for (const stage of stages) {
    const cwd = join(parent, stage)
    await mkdir(cwd)
    const [lines = ''] = (dockerfile.split(`AS ${stage}\n`)[1] ?? '').split(/^FROM /m)
    for (const [, command = '', rest = ''] of lines.matchAll(/^(COPY|RUN) (.*)$/gm)) {
      // The image's Node is the one that runs here.
      const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
      if (command === 'RUN') await exec('bash', ['-c', rest], { cwd, env: { ...process.env, PATH } })
      else await copy(rest.split(' '), stage)
    }
  }
}

/** Without what .dockerignore names. */
async function copy(words: readonly string[], stage: Stage): Promise<void> {
  const [, from] = /^--from=(\w+)$/.exec(words[0] ?? '') ?? []
  const paths = from === undefined ? words : words.slice(1)
  const target = paths.at(-1) ?? ''
  const filter = (path: string) =>
    from !== undefined || !/\/(node_modules|\.data)$|\.test\.ts$|^apps\/web\/dist/.test(path)
  for (const source of paths.slice(0, -1)) {
    const to = target.endsWith('/') ? join(parent, stage, target, basename(source)) : join(parent, stage, target)
    await cp(from === undefined ? source : join(parent, source.replace(/^\/app/, from)), to, {
      recursive: true,
      filter,
    })
  }
}

/** What it keeps in memory; Linux alone tells. */
async function residentMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

const { TEST_DATABASE_URL } = process.env
/**
 * At rest, on PostgreSQL, at a first start. Measured: 217 to 256, and 347 to 372; V8's nursery is 45 to 67 of it. To give that back after a
 * start made a hit cost 23 % more processor time. The goal is 250: the local model's thread is over it.
 */
const maxResidentMegabytes = { 'without a local model': 275, 'with the local model': 395 }
const remoteModel = {
  EMBEDDING_PROVIDER: 'openai-compatible',
  EMBEDDING_BASE_URL: 'http://127.0.0.1:1/v1',
  EMBEDDING_MODEL: 'remote',
  EMBEDDING_DIMENSION: '16',
}

test.skipIf(TEST_DATABASE_URL === undefined || process.platform !== 'linux').each([
  ['without a local model', remoteModel],
  ['with the local model', {}],
] as const)('a server at rest on PostgreSQL takes no more memory than is promised, %s', async (name, env) => {
  const template = await createTemplate(TEST_DATABASE_URL)
  const database = await createTestDatabase(template)
  try {
    const server = await startServer({ DATABASE_URL: database.url, NODE_ENV: 'production', ...env }, { cwd: folder })
    // The model has been loaded, or has not, when a search has been answered.
    expect((await fetch(`${server.url}/query/rag?prompt=anything`)).status).toBe(200)
    expect(await residentMegabytes(server.child.pid)).toBeLessThan(maxResidentMegabytes[name])
    server.child.kill('SIGTERM')
    expect(await server.exit()).toBe(0)
  } finally {
    await database.close()
    await removeTemplate(template)
  }
})

test('the image holds a server and the built web app, with no test, no build tool and no more than is promised', async () => {
  const installed = await readdir(join(folder, 'node_modules/.pnpm'))
  expect(installed.filter((name) => /^(vite|preact|react|turbo|@biomejs|bentocache|knip)/.test(name))).toEqual([])
  const { stdout } = await exec('du', ['-sm', folder])
  expect(Number(stdout.split('\t')[0])).toBeLessThanOrEqual(maxMegabytes)

  const server = await startServer({ DATABASE_URL: 'memory:', NODE_ENV: 'production', WEB_APP: 'on' }, { cwd: folder })
  try {
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${server.url}/query/rag?prompt=anything`)).status).toBe(200)
    // The web app was built before: nothing here could build it.
    const page = await fetch(server.url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/assets/')])
  } finally {
    server.child.kill('SIGTERM')
    expect(await server.exit()).toBe(0)
  }
})
