/**
 * Runs after `pnpm install`, with whatever Node there is: onnxruntime-node brings the binaries of all platforms, 288 MB, of which
 * a machine needs one.
 */
import { readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const ofApi = createRequire(new URL('../packages/api/package.json', import.meta.url))
const binaries = join(dirname(ofApi.resolve('onnxruntime-node/package.json')), 'bin/napi-v6')
for (const platform of readdirSync(binaries)) {
  for (const arch of readdirSync(join(binaries, platform))) {
    if (platform === process.platform && arch === process.arch) continue
    rmSync(join(binaries, platform, arch), { recursive: true })
  }
}
