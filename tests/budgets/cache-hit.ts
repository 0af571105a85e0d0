import { createHook } from 'node:async_hooks'
import { getHeapStatistics } from 'node:v8'
import { createCache } from '@extropy/cache'

/** Run by node itself, since a test runner's module loader prevents inlining: prints a hit's promises and garbage, as JSON. */
const cache = createCache({ sweepMs: 0 })
const options = { ttlMs: 300_000, tags: ['cards'] }
const load = () => ({ title: 'a card' })
const hit = () => cache.getOrSet('card', load, options)
const hits = 100_000
await hit()
// Until the compiler is done with it.
for (let n = 0; n < 5 * hits; n++) hit()

const rounds = Array.from({ length: 5 }, () => {
  const before = allocatedBytes()
  for (let n = 0; n < hits; n++) hit()
  return (allocatedBytes() - before) / hits
})

let promises = 0
const hook = createHook({
  init(_id, type) {
    if (type === 'PROMISE') promises++
  },
}).enable()
for (let n = 0; n < hits; n++) hit()
const promisesOfHits = promises
await Promise.resolve()
hook.disable()

await cache.close()
// The least of the rounds: other work can only add to one. `counted`: that promises are counted at all.
const result = { bytesPerHit: Math.min(...rounds), promises: promisesOfHits, counted: promises > promisesOfHits }
process.stdout.write(JSON.stringify(result))

/** Since the process began, what was collected again included; @types/node does not know of it yet. */
function allocatedBytes(): number {
  return (getHeapStatistics() as unknown as { total_allocated_bytes: number }).total_allocated_bytes
}
