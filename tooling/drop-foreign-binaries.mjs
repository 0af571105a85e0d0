/**
 * Runs after `pnpm install`, with whatever Node there is: onnxruntime-node brings the binaries of all platforms, 288 MB, of which
 * a machine needs one. Of onnxruntime-web, 145 MB, only the build for Node is ever loaded, some 14 MB.
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

const forNode = new Set(['ort.node.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'])
const builds = dirname(ofApi.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))
for (const folder of ['lib', 'docs']) rmSync(join(builds, '..', folder), { recursive: true, force: true })
for (const file of readdirSync(builds)) if (!forNode.has(file)) rmSync(join(builds, file))
