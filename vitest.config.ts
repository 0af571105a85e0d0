import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const withDatabase = ['packages/db/**/*.test.ts', 'packages/api/**/*.test.ts', 'apps/server/**/*.test.ts']
const withRedis = ['apps/server/src/http/two-servers.test.ts', 'packages/api/src/limits/redis-limiter.test.ts']

/** Long ones about what is the same for both databases: the one kind is enough where there are both. */
const onceIsEnough = [
  'apps/server/src/cli/export.test.ts',
  'apps/server/src/http/any-input.test.ts',
  'apps/server/src/http/hostile-text.test.ts',
  'apps/server/src/http/replica-reads.test.ts',
  'apps/server/src/mcp/mcp.test.ts',
  'apps/server/src/mcp/resource-updates.test.ts',
  'packages/api/src/embedding/*.test.ts',
  'packages/api/src/sources/manners.test.ts',
]

/** They begin first: whichever began last would run alone. */
const longest = [
  'any-input.test.ts',
  'tests/chaos.test.ts',
  'tests/intake.test.ts',
  'tests/jobs-kill.test.ts',
  'tests/many-servers.test.ts',
  'tests/web.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((end) => moduleId.endsWith(end))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

const { TEST_DATABASE_URL, TEST_PGBOUNCER_URL, TEST_REDIS_URL } = process.env

/** The same files once more for each kind of database. */
const databaseProject = (name: 'embedded' | 'postgres'): TestProjectInlineConfiguration => ({
  test: {
    // PGlite is compiled once in each worker, not once in each file: nothing is shared between files by a module.
    isolate: false,
    name,
    include: withDatabase,
    exclude: [
      ...configDefaults.exclude,
      ...(TEST_REDIS_URL ? [] : withRedis),
      ...(name === 'embedded' && TEST_DATABASE_URL ? onceIsEnough : []),
    ],
    globalSetup: 'tooling/vitest/database-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

const notRun = [
  TEST_DATABASE_URL ? [] : 'PostgreSQL (set TEST_DATABASE_URL)',
  TEST_REDIS_URL ? [] : 'Redis (set TEST_REDIS_URL)',
  TEST_PGBOUNCER_URL ? [] : 'PgBouncer (set TEST_PGBOUNCER_URL)',
].flat()
if (process.env.VITEST && notRun.length > 0) process.stderr.write(`Not run: the tests against ${notRun.join(', ')}.\n`)

export default defineConfig({
  test: {
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'cache',
          include: ['packages/cache/src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...(TEST_REDIS_URL ? [] : ['packages/cache/src/redis/outage.test.ts'])],
        },
      },
      { test: { name: 'intake', include: ['packages/intake/src/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'bench', include: ['bench/src/**/*.test.ts'] } },
      { test: { name: 'web', include: ['apps/web/{src,scripts}/**/*.test.ts'] } },
      { test: { name: 'client', include: ['packages/client/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'whole',
          // Each starts servers of its own: two of them keep two cores busy.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          include: ['tests/**/*.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            ...(TEST_DATABASE_URL
              ? []
              : [
                  'tests/outage.test.ts',
                  'tests/redis-faults.test.ts',
                  'tests/hang-up.test.ts',
                  'tests/ingest-beside-server.test.ts',
                  'tests/ledger-simulator.test.ts',
                  'tests/rolling-restart.test.ts',
                ]),
            ...(TEST_DATABASE_URL && TEST_PGBOUNCER_URL ? [] : ['tests/pooler.test.ts']),
            ...(TEST_DATABASE_URL && TEST_REDIS_URL ? [] : ['tests/many-servers.test.ts', 'tests/workers.test.ts']),
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      databaseProject('embedded'),
      ...(TEST_DATABASE_URL ? [databaseProject('postgres')] : []),
    ],
  },
})
