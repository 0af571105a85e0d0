import { createDatabase } from '@extropy/db'
import { createIntake } from '@extropy/intake'
import { createDatabaseLanes } from '../database-lanes.ts'

/** A process that asks a site for pages: DATABASE ORIGIN NAME INTERVAL. */
const [url = '', origin = '', name = '', interval = ''] = process.argv.slice(2)
const database = await createDatabase({ url })
const intake = createIntake({
  allowPrivate: [new URL(origin).host],
  minIntervalMs: Number(interval),
  lanes: createDatabaseLanes(database.db),
})
const pages = ['a', 'b', 'c', 'd', 'e']
const visited = await Promise.all(pages.map((page) => intake.visitor.visit(`${origin}/${name}-${page}`)))
process.stdout.write(visited.map(({ outcome }) => outcome).join(' '))
await intake.close()
await database.close()
