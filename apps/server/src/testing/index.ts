export { procedures } from './procedures.ts'
export { type RunningProcess, run, startServer } from './server-process.ts'
