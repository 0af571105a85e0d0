import { createTestDeps, createWorld, draftCard, secret, type World } from '@extropy/api/testing'
import { garbageInput, validInput } from '@extropy/api/testing/arbitrary-input'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import fc from 'fast-check'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { call, procedures } from '../testing/procedures.ts'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'

/** Half from the procedure's own schema, half spoilt: on a server the number that counts, embedded a tenth of it. */
const template = inject('databaseTemplate')
const inputsEach = template.kind === 'postgres' ? 1000 : 100

let database: TestDatabase
let app: Hono<AppEnv>
let world: World
let ids: string[]
const failures: unknown[] = []

beforeAll(async () => {
  database = await createTestDatabase(template)
  const deps = await createTestDeps(database)
  const logger = pino({}, { write: (line: string) => void failures.push(JSON.parse(line)) })
  logger.level = 'error'
  app = createApp(deps, logger, { anonymousPerHour: 1_000_000_000 }).hono
  world = await createWorld(deps)
  const { owner, stranger, admin, publishedCardId, strangersCardId, attributionId, contentId, authorId, patternId } =
    world
  const privateCardId = await draftCard(owner)
  const users = [owner, stranger, admin].map(({ userId }) => userId)
  ids = [...users, publishedCardId, strangersCardId, privateCardId, attributionId, contentId, authorId, patternId]
})
afterAll(() => database.close())

test.each(procedures.map((procedure) => [procedure.path, procedure] as const))(
  '%s answers any input without an error of ours, a stack or another user’s private row',
  async (_, procedure) => {
    const { input: schema, meta } = procedure
    // An admin may end the keys that this test calls with; an admin's other answers need no check.
    const key = meta.access?.scope === 'admin' ? world.admin.key : world.stranger.key
    const garbage = garbageInput(schema, ids)
    const inputs = schema ? fc.oneof(validInput(schema, ids), garbage) : garbage
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const { status, text } = await call(app, procedure, input, key)
        expect(failures.splice(0)).toEqual([])
        expect(status).toBeLessThan(500)
        expect(text).not.toMatch(/node_modules|\.ts:\d+|at \w+ \(/)
        expect(text).not.toContain(secret)
      }),
      { numRuns: inputsEach, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) },
    )
  },
  300_000,
)
