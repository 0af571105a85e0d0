import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { type CrewSettings, crewVariable } from './become-primary.ts'
import { holdHangUp } from './hang-up.ts'

/** The primary process of a server with several workers: start.ts turns into it. */
holdHangUp()
// Loaded only now, so that nothing but the start of Node itself is without it.
const [{ openLog }, { welcome }, { runCrew }] = await Promise.all([
  import('../log.ts'),
  import('../welcome.ts'),
  import('./run-crew.ts'),
])
const { workers, stopMs, host, logLevel } = JSON.parse(process.env[crewVariable] ?? '{}') as CrewSettings
cluster.setupPrimary({
  exec: fileURLToPath(new URL('../main.ts', import.meta.url)),
  args: [],
  serialization: 'advanced',
})
try {
  await runCrew(openLog(logLevel, 'primary'), {
    workers,
    stopMs,
    onOpen: (port, isEmpty) => process.stderr.write(welcome(host, port, isEmpty)),
  })
  process.exit(0)
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
