import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { openLog } from '../log.ts'
import { welcome } from '../welcome.ts'
import { type CrewSettings, crewVariable } from './become-primary.ts'
import { runCrew } from './run-crew.ts'

/** The primary process of a server with several workers: main.ts turns into it. */
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
