import { parseArgs } from 'node:util'
import { generate } from '@extropy/db'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { describeReplay } from './describe.ts'
import { openPopulation } from './population.ts'
import { runReplay } from './run.ts'

/**
 * `pnpm cache:replay [--requests N] [--seed S]`: a server on a database of its own beside the one that TEST_DATABASE_URL
 * names, read by many callers at once who now and then write. Exit status 0: no answer was older than a write that had
 * been acknowledged, 1: one was, or the model can't explain one, 2: the call was wrong. `pnpm bench http --part replay` measures the hit rate.
 */
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
})
const [requests, seed] = [Number(values.requests), Number(values.seed)]
const serverUrl = process.env.TEST_DATABASE_URL
if (!serverUrl || !Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  process.stderr.write('usage: TEST_DATABASE_URL=postgres://… pnpm cache:replay [--requests N] [--seed S]\n')
  process.exit(2)
}

await using cleanup = new AsyncDisposableStack()
const template = await createTemplate(serverUrl)
cleanup.defer(() => removeTemplate(template))
const database = await createTestDatabase(template)
cleanup.defer(() => database.close())
await generate(database, { cards: 20_000 })
const population = await openPopulation(database.url, seed)
const server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'silent' })
cleanup.defer(async () => {
  server.child.kill()
  await server.exit()
})
const options = { callers: 16, requests, maxSeconds: 600, writeShare: 0.02, exponent: 1.1, seed }
process.stdout.write(`seed ${seed}, ${requests} requests, 2 % of them writes\n`)
const result = await runReplay(server.url, population, options)
process.stdout.write(describeReplay(result))
process.exitCode = result.stale === 0 && result.unexplained === 0 ? 0 : 1
