import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { createCache } from '@extropy/cache'
import { createLocalChangeChannel, type DatabaseHandle } from '@extropy/db'
import { createIntake } from '@extropy/intake'
import { appRouter } from '../app-router.ts'
import { createKeyRing } from '../auth/key-ring.ts'
import type { Principal } from '../auth/principal.ts'
import { createCacheRules } from '../cache-rules.ts'
import type { Context, Deps } from '../context.ts'
import { type Embedder, toUnitLength } from '../embedding/embedder.ts'
import { registerModel } from '../ingest/ingest.queries.ts'
import { ingest } from '../ingest/ingest.ts'
import type { Reject } from '../ingest/parse-line.ts'
import { readLines } from '../ingest/read-lines.ts'
import { createMemoryLimiter } from '../limits/limiter.ts'
import type { Analyst } from '../patterns/analyst.ts'
import { createAnalystTasks } from '../patterns/analyst-tasks.ts'
import { sizeOfPayload } from '../serving/payload.ts'
import type { Spool } from '../spool/spool.ts'
import { createPayments } from '../tokens/payments.ts'
import { embedPassages } from '../vectors/embed-passages.ts'

/**
 * An embedder that needs no model: each word has its own direction, so that texts are near where they share words.
 * Words that begin with a capital Z have none, for the texts that no model knows.
 */
export function createFakeEmbedder(model = 'fake', dimension = 16): Embedder & { readonly texts: string[] } {
  const texts: string[] = []
  return {
    model,
    dimension,
    vectorWeight: 0.3,
    texts,
    async embed(batch) {
      texts.push(...batch)
      return batch.map((text) => {
        const vector = new Float32Array(dimension)
        for (const word of text.match(/\b[^\WZ]\w*/g) ?? []) {
          let hash = 0
          for (const character of word.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
          const at = hash % dimension
          vector[at] = (vector[at] ?? 0) + 1
        }
        return toUnitLength(vector)
      })
    },
    close: async () => {},
  }
}

/** The same work without a thread. */
function createTestAnalyst(): Analyst {
  const run = createAnalystTasks()
  return { run: async (task) => run(task), close: async () => {} }
}

export async function createTestDeps(
  { db, stats }: DatabaseHandle,
  embedder: Embedder = createFakeEmbedder(),
): Promise<Deps> {
  const cache = createCache({ sweepMs: 0, sizeOf: sizeOfPayload })
  const keys = createKeyRing({ db, cache }, { channel: createLocalChangeChannel() })
  return {
    db,
    databaseStats: stats,
    cache,
    cacheRules: createCacheRules(),
    embedder,
    embeddingModel: await registerModel(db, embedder),
    analyst: createTestAnalyst(),
    spool: createEmptySpool(),
    version: '0.0.0-test',
    keys,
    limiter: createMemoryLimiter(),
    payments: createPayments({ db, cache }),
    rewardsPerDay: 100,
    // It opens nothing before it is used; nobody runs jobs here, and so nobody waits for them.
    intake: createIntake({ resolve: async () => ['93.184.215.14'] }),
    scrapeWaitMs: 0,
  }
}

/** Takes every file and keeps none: tests of imports bring a folder of their own. */
function createEmptySpool(): Spool {
  return {
    host: 'test',
    maxBytes: 1000,
    async receive(source) {
      let bytes = 0
      for await (const chunk of source) bytes += chunk.length
      return { id: randomUUID(), bytes }
    },
    keep: async (file, name) => ({ ...file, name, host: 'test' }),
    find: async () => undefined,
    remove: async () => {},
    listOld: async () => [],
  }
}

/** Calls procedures as the server does, without HTTP; by default without a key and without an Idempotency-Key. */
export function createTestCaller(
  deps: Deps & Partial<Pick<Context, 'onInternalError'>>,
  principal?: Principal,
  idempotencyKey?: string,
) {
  return appRouter.createCaller({
    onInternalError: (error) => {
      throw error
    },
    ...deps,
    principal,
    idempotencyKey,
    address: '192.0.2.1',
    requestId: 'test',
  })
}

/** One ingest line; give only the keys that the test is about. */
export function contentLine(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    platform: 'web',
    source_url: `https://example.org/${Math.random()}`,
    author: 'Ana Writer',
    title: 'A title',
    body: 'A body.',
    published_at: '2026-01-02T03:04:05Z',
    ...overrides,
  }
}

/** Ingests lines given as objects (or, for broken ones, as text), and returns the report and what was rejected. */
export async function storeLines(deps: Deps, lines: readonly (Record<string, unknown> | string)[]) {
  const rejects: Reject[] = []
  const file = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const report = await ingest(deps, readLines(Readable.from([Buffer.from(file)])), {
    onReject: (reject) => rejects.push(reject),
  })
  return { report, rejects }
}

/** The same, and waits for the vectors. */
export async function ingestLines(deps: Deps, lines: readonly (Record<string, unknown> | string)[]) {
  const outcome = await storeLines(deps, lines)
  await embedPassages(deps)
  return outcome
}
