import { createReplicaReads, type Deps, type ReplicaReads } from '@extropy/api'
import { createTestDeps, createWorld, examples, type World } from '@extropy/api/testing'
import { createDatabase, type DatabaseHandle, migrate, type Replicas } from '@extropy/db'
import { type Cluster, createCluster, noServersBecause } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, procedures } from '../testing/procedures.ts'
import { get, rpcPath, variationsOf } from '../testing/read-write.ts'
import { type App, createApp } from './app.ts'

if (noServersBecause !== undefined) test.skip(`reads on a late standby are not tested: ${noServersBecause}`)

/*
 * As freshness.test.ts, with a standby that shows each commit late: whatever is read through the server, kept or not, is compared
 * with the same read on the primary.
 */
describe.skipIf(noServersBecause !== undefined)('with a standby that shows commits late', () => {
  let cluster: Cluster
  let database: DatabaseHandle
  let deps: Deps
  let replicaReads: ReplicaReads
  let app: App
  let onPrimary: App
  let world: World
  let reads: { readonly path: string; readonly procedure: string; readonly key: string | undefined }[]
  /** One read in fifty, others each time. */
  const share = 50
  let round = 0

  beforeAll(async () => {
    cluster = await createCluster()
    const [standby] = cluster.standbys
    await cluster.primary.query('create database extropy')
    const replicaUrls = [standby?.url('extropy') ?? '']
    database = await createDatabase({ url: cluster.primary.url('extropy'), replicaUrls })
    await migrate(database)
    const plain = await createTestDeps(database)
    replicaReads = createReplicaReads(plain.cache, database.replicas as Replicas, {
      databaseId: 'test',
      onMove: () => {},
    })
    deps = { ...plain, replicaReads }
    const options = { anonymousPerHour: 1e9 }
    app = createApp(deps, pino({ level: 'silent' }), options)
    onPrimary = createApp(plain, pino({ level: 'silent' }), options)
    world = await createWorld(deps)
    reads = (await Promise.all(procedures.filter((each) => deps.cacheRules.ttlMsOf(each) > 0).map(readsOf))).flat()
    await standby?.setDelay(60)
  }, 60_000)
  afterAll(async () => {
    await database?.close()
    await cluster?.close()
  })

  async function readsOf(procedure: (typeof procedures)[number]): Promise<typeof reads> {
    const example = await examples[procedure.path]?.(world)
    const keys =
      procedure.meta.access?.scope === 'none' ? [undefined, world.owner.key] : [world.owner.key, world.admin.key]
    const paths = variationsOf(procedure, example?.input, world).map((input) => rpcPath(procedure.path, input))
    return paths.flatMap((path) => keys.map((key) => ({ procedure: procedure.path, path, key })))
  }

  const sample = () => reads.filter((_, at) => (at + round) % share === 0)

  async function compare(): Promise<string[]> {
    const wrong: string[] = []
    for (const { path, key } of sample()) {
      const kept = await get(app, path, key)
      const fresh = await get(app, path, key, { fresh: true })
      const right = await get(onPrimary, path, key, { fresh: true })
      for (const got of [kept, fresh]) {
        if (got.status !== right.status || got.body !== right.body)
          wrong.push(`${path}\n  ${got.body.slice(0, 300)}\n  ${right.body.slice(0, 300)}`)
      }
    }
    return wrong
  }

  const writes = procedures.filter(({ type, path }) => type === 'mutation' && !path.startsWith('health.'))
  test('after every write, every read equals the same read on the primary', { timeout: 60_000 }, async () => {
    const wrong: string[] = []
    for (const procedure of writes) {
      const { input } = (await examples[procedure.path]?.(world)) ?? {}
      const key = procedure.meta.access?.scope === 'admin' ? world.admin.key : world.owner.key
      const { status } = await call(app.hono, procedure, input, key)
      expect([procedure.path, status]).toEqual([procedure.path, procedure.path === 'imports.create' ? 202 : 200])
      wrong.push(...(await compare()).map((each) => `${procedure.path}: ${each}`))
      round++
    }
    expect(wrong).toEqual([])
    // Both ways were taken.
    expect(replicaReads.counts()).toMatchObject({ served: expect.any(Number), failed: 0 })
    expect(replicaReads.counts().served).toBeGreaterThan(100)
    expect(replicaReads.counts().outdated).toBeGreaterThan(0)
  })

  test('caught up, the standby answers every read that says nothing else', { timeout: 60_000 }, async () => {
    const [standby] = cluster.standbys
    if (standby === undefined) return
    await standby.setDelay(0)
    await replicaReads.noteWrite(replicaReads.era())
    await cluster.caughtUp(standby)
    const elsewhere = new Set<string>()
    for (const { path, key, procedure } of reads) {
      const { served } = replicaReads.counts()
      const { status } = await get(app, path, key, { fresh: true })
      // What is refused before it is run is read nowhere.
      if (status === 200 && replicaReads.counts().served === served) elsewhere.add(procedure)
    }
    const declared = procedures.filter(({ meta }) => meta.fromPrimary).map(({ path }) => path)
    expect([...elsewhere].filter((path) => !declared.includes(path))).toEqual([])
    const ofTheirMoment = procedures.filter(
      ({ type, meta, path }) => type === 'query' && !meta.streams && /^(health|jobs|imports)\./.test(path),
    )
    expect(ofTheirMoment.filter(({ meta }) => !meta.fromPrimary).map(({ path }) => path)).toEqual([])
  })
})
