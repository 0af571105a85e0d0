export { parseConfig } from './config.ts'
export { type OpenDeps, openDeps } from './open-deps.ts'
