import { once } from 'node:events'
import { Readable } from 'node:stream'
import { ingest, readLines } from '@extropy/api'
import { createCache } from '@extropy/cache'
import { createDatabase, migrate } from '@extropy/db'
import { contentLines } from './contents.ts'

/** Ingests contents into a database as `pnpm ingest` does: DATABASE_URL, first content, how many. */
const [url = '', first, count] = process.argv.slice(2)
const database = await createDatabase({ url })
await migrate(database)
const cache = createCache()
const lines = (await contentLines(Number(first), Number(count))).map((line) => Buffer.from(`${line}\n`))
process.send?.('ready')
await once(process, 'message')

const startedAt = performance.now()
const { passages, rejected } = await ingest({ db: database.db, cache }, readLines(Readable.from(lines)))
if (rejected > 0) throw new Error(`${rejected} contents were rejected`)
process.send?.({ passages, seconds: (performance.now() - startedAt) / 1000 })
await cache.close()
await database.close()
process.disconnect?.()
