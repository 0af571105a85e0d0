import { createClient, defineScript } from '@redis/client'
import { createMemoryLimiter, type Limiter } from './limiter.ts'
import { windowSeconds } from './window.ts'

/** How long Redis may take; then this process counts for itself. */
const answerWithinMs = 250

/**
 * The window of window.ts as one script, so that servers that share a Redis can't let through the same request twice:
 * a hash from step to charges, by the clock of Redis.
 */
const chargeScript = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local limit, cost, steps, step_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local step = math.floor(now / step_ms)
    local fields, counts, used = redis.call('HGETALL', KEYS[1]), {}, 0
    for i = 1, #fields, 2 do
      local at, count = tonumber(fields[i]), tonumber(fields[i + 1])
      if at < step - steps then redis.call('HDEL', KEYS[1], fields[i])
      else counts[#counts + 1] = { at, count } used = used + count end
    end
    local surplus = used + cost - limit
    local allowed = surplus <= 0
    if allowed then
      redis.call('HINCRBY', KEYS[1], step, cost)
      redis.call('PEXPIRE', KEYS[1], (steps + 1) * step_ms)
      used = used + cost
      surplus = 1
      counts[#counts + 1] = { step, cost }
    end
    table.sort(counts, function(a, b) return a[1] < b[1] end)
    local reset, gone = steps * step_ms, 0
    for _, entry in ipairs(counts) do
      gone = gone + entry[2]
      if gone >= surplus then reset = (entry[1] + steps + 1) * step_ms - now break end
    end
    return { allowed and 1 or 0, math.max(0, limit - used), reset }`,
  parseCommand(parser, bucket: string, limit: number, cost: number, steps: number, stepMs: number) {
    parser.pushKey(bucket)
    parser.push(String(limit), String(cost), String(steps), String(stepMs))
  },
  /** Whether it was let through, what is left, milliseconds until more is. */
  transformReply: (reply: unknown) => reply as number[],
})

interface RedisLimiterOptions {
  readonly url: string
  /** In front of every key. Default `extropy:limit:`. */
  readonly prefix?: string
  /** Told when Redis could not be asked. Default: nobody is. */
  readonly onError?: (error: unknown) => void
}

/**
 * Counts in Redis, for all servers together. Where Redis does not answer, this process counts for itself: limits grow
 * with the number of servers meanwhile, but nobody is turned away for our outage.
 */
export function createRedisLimiter({
  url,
  prefix = 'extropy:limit:',
  onError = () => {},
}: RedisLimiterOptions): Limiter {
  const memory = createMemoryLimiter()
  const client = createClient({
    url,
    scripts: { charge: chargeScript },
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (attempts) => Math.min(2000, 50 * 2 ** attempts) },
  })
  client.on('error', onError)
  client.connect().catch(onError)
  return {
    async charge(bucket, limit, cost) {
      if (!client.isReady) return memory.charge(bucket, limit, cost)
      const { promise: timeout, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => reject(new Error('Redis took too long')), answerWithinMs)
      try {
        const asked = client.charge(prefix + bucket, limit, cost, 60, (windowSeconds * 1000) / 60)
        const [allowed, remaining, resetMs] = (await Promise.race([asked, timeout])) as [number, number, number]
        return { allowed: allowed === 1, limit, remaining, resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)) }
      } catch (error) {
        onError(error)
        return memory.charge(bucket, limit, cost)
      } finally {
        clearTimeout(timer)
      }
    },
    async close() {
      if (client.isOpen) client.destroy()
    },
  }
}
