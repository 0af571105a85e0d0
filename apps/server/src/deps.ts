export { parseConfig } from './config.ts'
export { type OpenDeps, openDeps } from './open-deps.ts'
export { bundledSample } from './sample.ts'
export { bundledVectors, readVectors } from './sample-vectors.ts'
