export { procedures } from './procedures.ts'
export { createKey, type RunningProcess, run, startServer } from './server-process.ts'
