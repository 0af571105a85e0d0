import { createCluster } from './cluster.ts'
const t = performance.now()
const c = await createCluster({ standbys: 2 })
console.log('up', performance.now() - t)
console.log(await c.standbys[0]!.query('select pg_is_in_recovery()'))
await c.close()
console.log('closed', performance.now() - t)
