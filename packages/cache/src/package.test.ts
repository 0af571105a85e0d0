import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

test('the packed cache is JavaScript with its types, and resolves for every importer of ES modules', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'extropy-cache-'))
  try {
    const file = join(folder, 'extropy-cache.tgz')
    execFileSync('pnpm', ['pack', '--out', file], { cwd: packageFolder, stdio: 'pipe' })
    const tarball = new Uint8Array(readFileSync(file))
    const { messages } = await publint({ pack: { tarball: tarball.buffer } })
    expect(messages).toEqual([])
    const { types, problems } = (await checkPackage(createPackageFromTarballData(tarball))) as {
      types: unknown
      problems: { resolutionKind?: string }[]
    }
    expect(types).toBeTruthy()
    const importers = problems.map(({ resolutionKind }) => resolutionKind)
    expect(importers.filter((kind) => kind !== 'node10' && kind !== 'node16-cjs')).toEqual([])
    const listed = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).split('\n')
    expect(listed.filter((name) => /(?<!\.d)\.ts$|\.test\./.test(name))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
