import { once } from 'node:events'
import { createCache } from '@extropy/cache'
import { createRedisStore } from '@extropy/cache/redis'

/** Started by `misses.ts`: says when it is ready, misses one key many times at once on `go`, and sends how often it has loaded. */
const [url = '', prefix = '', misses = '0'] = process.argv.slice(2)
const cache = createCache({ shared: createRedisStore({ url, prefix }) })
await once(cache.events, 'shared')
process.send?.('ready')
await once(process, 'message')
let loads = 0
await Promise.all(
  Array.from({ length: Number(misses) }, () =>
    cache.getOrSet(
      'k',
      async () => {
        loads += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
        return 'value'
      },
      { ttlMs: 10_000 },
    ),
  ),
)
process.send?.({ loads })
await cache.close()
process.disconnect?.()
