import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const exec = promisify(execFile)

/** Of what is installed, without Node itself. */
const maxMegabytes = 350

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-production-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The Dockerfile's first stage, done in a bare folder: there need be no Docker here. */
async function install(): Promise<void> {
  const dockerfile = (await readFile('Dockerfile', 'utf8')).split(/^FROM /m)[1] ?? ''
  for (const [, command = '', rest = ''] of dockerfile.matchAll(/^(COPY|RUN) (.*)$/gm)) {
    if (command === 'RUN') await exec('bash', ['-c', rest], { cwd: folder })
    else await copy(rest.split(' '))
  }
}

/** Without what .dockerignore names. */
async function copy(paths: readonly string[]): Promise<void> {
  const sources = paths.slice(0, -1)
  const target = paths.at(-1) ?? ''
  const filter = (path: string) => !/\/(node_modules|\.data)$|\.test\.ts$/.test(path)
  for (const source of sources) {
    const to = target.endsWith('/') ? join(folder, target, basename(source)) : join(folder, target)
    await cp(source, to, { recursive: true, filter })
  }
}

test('the image holds a server that starts, with no test, no build tool and no more than is promised', async () => {
  await install()
  const installed = await readdir(join(folder, 'node_modules/.pnpm'))
  expect(installed.filter((name) => /^(vitest|turbo|@biomejs|bentocache|knip)/.test(name))).toEqual([])
  const { stdout } = await exec('du', ['-sm', folder])
  expect(Number(stdout.split('\t')[0])).toBeLessThanOrEqual(maxMegabytes)

  const server = await startServer({ DATABASE_URL: 'memory:', NODE_ENV: 'production' }, { cwd: folder })
  try {
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${server.url}/query/rag?prompt=anything`)).status).toBe(200)
  } finally {
    server.child.kill('SIGTERM')
    expect(await server.exit()).toBe(0)
  }
})
