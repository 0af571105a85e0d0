import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { appRouter } from '../app-router.ts'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { garbageInput, validInput } from '../testing/arbitrary-input.ts'
import { createTestDeps, createWorld, examples, type World } from '../testing/index.ts'
import { type Procedure, procedures } from './procedures.ts'
import { admit, runQuery } from './run-query.ts'

let database: TestDatabase
let world: World
let context: Context
const logged: string[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  world = await createWorld(deps)
  const own = { requestId: 'one', principal: undefined, address: undefined, idempotencyKey: undefined }
  context = { ...deps, ...own, onInternalError: (_, path) => logged.push(path) }
})
afterAll(() => database.close())

/** The value, or the error as a caller would see it. */
async function outcome(answer: Promise<unknown>, path: string) {
  try {
    return { value: await answer }
  } catch (cause) {
    const error: TRPCError = getTRPCErrorFromUnknown(cause)
    const config = appRouter._def._config
    return { error: getTRPCErrorShape({ config, error, type: 'query', path, input: undefined, ctx: context }) }
  }
}

const run = async (procedure: Procedure, ctx: Context, input: unknown) =>
  runQuery(procedure, ctx, admit(procedure, ctx, input))

const byTrpc = ({ path, type }: Procedure, ctx: Context, input: unknown) =>
  callTRPCProcedure({
    router: appRouter,
    path,
    type,
    ctx,
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  })

const queries = [...procedures.values()].filter(({ type, meta, path }) => {
  // Each answer of health is of its own moment.
  return type === 'query' && meta.streams === undefined && !path.startsWith('health.')
})

test.each(queries.map((procedure) => [procedure.path, procedure] as const))(
  '%s: the same value or error as by tRPC itself, whoever asks and whatever',
  async (path, procedure) => {
    const { owner, stranger, admin, reader, publishedCardId, attributionId, contentId } = world
    const ids = [owner.userId, stranger.userId, publishedCardId, attributionId, contentId]
    const callers: (Principal | undefined)[] = [undefined, ...[owner, stranger, admin, reader].map((a) => a.principal)]
    const compare = async (input: unknown) => {
      for (const principal of callers) {
        const ctx = { ...context, principal }
        const mine = await outcome(run(procedure, ctx, input), path)
        const errors = logged.splice(0)
        expect(mine).toEqual(await outcome(byTrpc(procedure, ctx, input), path))
        expect(errors).toEqual(logged.splice(0))
      }
    }
    await compare((await examples[path]?.(world))?.input)
    const { input: schema } = procedure
    if (schema === undefined) return
    const inputs = fc.oneof(validInput(schema, ids), garbageInput(schema, ids))
    await fc.assert(fc.asyncProperty(inputs, compare), { numRuns: 20 })
  },
)

test('both ways log an internal error and hide it from the caller', async () => {
  const procedure = procedures.get('users.list') as Procedure
  const broken = { ...context, db: undefined as never }
  const mine = await outcome(run(procedure, broken, {}), 'users.list')
  expect(mine).toEqual(await outcome(byTrpc(procedure, broken, {}), 'users.list'))
  expect(mine).toMatchObject({ error: { data: { reason: 'internal' } } })
  expect(logged.splice(0)).toEqual(['users.list', 'users.list'])
})
