import { generate } from '@extropy/db'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { runCommand, UsageError } from '@extropy/server/command'
import { startServer } from '@extropy/server/testing'
import { describeReplay } from './describe.ts'
import { openPopulation } from './population.ts'
import { runReplay } from './run.ts'

const usage = `usage: TEST_DATABASE_URL=postgres://… pnpm cache:replay [--requests N] [--seed S]

A server on a database of its own beside the one that TEST_DATABASE_URL names, read by many callers at once who now and then
write. The exit status is 0 where no answer was older than a write that had been acknowledged; 1 where one was, or the model
can't explain one. \`pnpm bench http --part replay\` measures the hit rate.
`
const options = { requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } } as const

await runCommand({ usage, options }, async (values) => {
  const [requests, seed] = [Number(values.requests), Number(values.seed)]
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) throw new UsageError('TEST_DATABASE_URL is required')
  if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
    throw new UsageError('--requests and --seed must be whole numbers')
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
  const replay = { callers: 16, requests, maxSeconds: 600, writeShare: 0.02, exponent: 1.1, seed }
  process.stdout.write(`seed ${seed}, ${requests} requests, 2 % of them writes\n`)
  const result = await runReplay(server.url, population, replay)
  process.stdout.write(describeReplay(result))
  return result.stale === 0 && result.unexplained === 0 ? 0 : 1
})
