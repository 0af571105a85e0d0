import { createClient } from '@redis/client'
import { createLeasingLimiter, leaseMs } from './leasing-limiter.ts'
import { createMemoryLimiter, type Limiter } from './limiter.ts'
import { settleScript } from './redis-window.ts'

/**
 * How long Redis may take, 250 ms; then this process counts for itself. In ticks, for while this process itself stands still
 * none pass: the delay is not the fault of Redis.
 */
const tickMs = 50
const maxTicks = 5

interface RedisLimiterOptions {
  readonly url: string
  /** The prefix of every key. Default `extropy:limit:`. */
  readonly prefix?: string
  /** Called when Redis could not be asked. */
  readonly onError?: (error: unknown) => void
}

/**
 * Counts in Redis, for all servers together; never more than the limit gets through. Where Redis does not answer in time, it
 * is left alone until it answers again, and this process counts for itself: limits grow with the number of servers meanwhile,
 * but nobody is turned away or waits for our outage.
 */
export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { url, prefix = 'extropy:limit:', onError = () => {} } = options
  const client = createClient({
    url,
    scripts: { settle: settleScript },
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (attempts) => Math.min(2000, 50 * 2 ** attempts) },
  })
  client.on('error', onError)
  client.connect().catch(onError)
  let isHung = false
  const isUsable = () => client.isReady && !isHung
  const giveUp = (error: unknown) => {
    isHung = true
    onError(error)
  }

  const limiter = createLeasingLimiter({
    settle: (name, asked) => inTime(client.settle(prefix + name, asked)),
    isUsable,
    meanwhile: createMemoryLimiter(),
    onFailure: giveUp,
    onError,
  })

  const sweep = async () => {
    if (isHung && client.isReady)
      isHung = await inTime(client.ping()).then(
        () => false,
        () => true,
      )
    if (isUsable()) limiter.sweep()
  }
  const timer = setInterval(sweep, leaseMs)
  timer.unref()

  return {
    chargeNow: limiter.chargeNow,
    charge: limiter.charge,
    async close() {
      clearInterval(timer)
      if (isUsable()) await inTime(limiter.giveAllBack()).catch(onError)
      if (client.isOpen) client.destroy()
    },
  }
}

/** The answer of Redis, unless it takes too long. */
async function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  let ticks = 0
  const timer = setInterval(() => {
    if (++ticks === maxTicks) reject(new Error(`Redis took longer than ${maxTicks * tickMs} ms`))
  }, tickMs)
  try {
    return await Promise.race([asked, timeout])
  } finally {
    clearInterval(timer)
  }
}
