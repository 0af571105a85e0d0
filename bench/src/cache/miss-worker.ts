import { once } from 'node:events'
import { createCache } from '@extropy/cache'
import { createRedisStore } from '@extropy/cache/redis'
import { missAtOnce } from './misses.ts'

/** Started by `misses.ts`: says when it is ready, misses one key many times at once on `go`, and sends how often it has loaded. */
const [url = '', prefix = '', misses = '0'] = process.argv.slice(2)
const cache = createCache({ shared: createRedisStore({ url, prefix }) })
await once(cache.events, 'shared')
process.send?.('ready')
await once(process, 'message')
process.send?.(await missAtOnce(cache, Number(misses)))
await cache.close()
process.disconnect?.()
