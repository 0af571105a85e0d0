import { createClient } from '@redis/client'
import { type Bucket, createMemoryLimiter, type Limiter, tighter } from './limiter.ts'
import { settleScript } from './redis-window.ts'
import type { Charge } from './window.ts'

/**
 * How long Redis may take, 250 ms; then this process counts for itself. In ticks, for while this process itself stands still
 * none pass: the delay is not the fault of Redis.
 */
const tickMs = 50
const maxTicks = 5
/** How long requests granted ahead may wait to be spent. Then they are given back, and Redis is asked again. */
const leaseMs = 1000

/** Requests of one bucket that Redis has granted to this server ahead: they are spent without asking. */
interface Lease {
  /** Granted and not spent. */
  left: number
  /** Spent lately: as many are asked for ahead. */
  spent: number
  /** Left in Redis at the last answer. */
  remaining: number
  resetAtMs: number
  /** The step of the grant: the requests count in it, and so must be spent before it ends. */
  step: number
  endsAtMs: number
  isAsking: boolean
}

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
  const memory = createMemoryLimiter()
  const leases = new Map<string, Lease>()
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

  const leaseOf = (name: string): Lease => {
    const fresh = { left: 0, spent: 0, remaining: 0, resetAtMs: 0, step: 0, endsAtMs: 0, isAsking: false }
    const lease = leases.get(name) ?? fresh
    leases.set(name, lease)
    return lease
  }

  /** Takes the rest out of the lease, to be given back to Redis. */
  const takeBack = (lease: Lease) => {
    const back = lease.left
    lease.left = 0
    return { back, backStep: lease.step }
  }

  const giveBack = (name: string, lease: Lease) =>
    client.settle(prefix + name, { limit: 0, need: 0, ahead: 0, ...takeBack(lease) }).catch(onError)

  const take = async ({ name, limit }: Bucket, cost: number): Promise<Charge> => {
    const lease = leaseOf(name)
    const isFirst = !lease.isAsking
    const sentAtMs = performance.now()
    const isOver = isFirst && lease.endsAtMs <= sentAtMs
    if (isOver) lease.spent = Math.floor(lease.spent / 2)
    const unspent = isOver ? takeBack(lease) : { back: 0, backStep: 0 }
    lease.isAsking = true
    try {
      const asked = { limit, need: cost, ahead: isFirst ? lease.spent : 0, ...unspent }
      const settled = await inTime(client.settle(prefix + name, asked))
      const { granted, remaining, resetMs, step, stepLeftMs } = settled
      lease.remaining = remaining
      lease.resetAtMs = sentAtMs + resetMs
      if (granted === 0) return chargeOf(lease, limit, false)
      if (lease.left > 0 && lease.step !== step) void giveBack(name, lease)
      lease.step = step
      lease.endsAtMs = sentAtMs + Math.min(leaseMs, stepLeftMs)
      lease.left += granted
      return spend(lease, limit, cost)
    } finally {
      if (isFirst) lease.isAsking = false
    }
  }

  const chargeNow = (buckets: readonly Bucket[], cost: number): Charge | undefined => {
    if (!isUsable()) return memory.chargeNow(buckets, cost)
    const nowMs = performance.now()
    const held = buckets.map(({ name }) => leases.get(name))
    if (held.some((lease) => lease === undefined || lease.left < cost || lease.endsAtMs <= nowMs)) return undefined
    return buckets.reduce<Charge | undefined>(
      (tightest, { limit }, at) => tighter(tightest, spend(held[at] as Lease, limit, cost)),
      undefined,
    )
  }

  const sweep = async () => {
    if (isHung && client.isReady)
      isHung = await inTime(client.ping()).then(
        () => false,
        () => true,
      )
    if (!isUsable()) return
    const nowMs = performance.now()
    for (const [name, lease] of leases) {
      if (lease.isAsking || lease.endsAtMs > nowMs) continue
      if (lease.left > 0) void giveBack(name, lease)
      // One that ended just now knows how many to ask for.
      if (lease.endsAtMs + leaseMs <= nowMs) leases.delete(name)
    }
  }
  const timer = setInterval(sweep, leaseMs)
  timer.unref()

  return {
    chargeNow,
    async charge(buckets, cost) {
      const atOnce = chargeNow(buckets, cost)
      if (atOnce !== undefined) return atOnce
      try {
        const charges = await Promise.all(buckets.map((bucket) => take(bucket, cost)))
        const refused = charges.find(({ allowed }) => !allowed)
        if (refused === undefined) return charges.reduce(tighter)
        // The other buckets get their charges back, with whatever else of their leases is not spent.
        for (const [at, { name }] of buckets.entries()) if (charges[at]?.allowed) leaseOf(name).left += cost
        return refused
      } catch (error) {
        giveUp(error)
        return memory.chargeNow(buckets, cost)
      }
    },
    async close() {
      clearInterval(timer)
      if (isUsable()) {
        const unspent = [...leases].filter(([, lease]) => lease.left > 0)
        await inTime(Promise.all(unspent.map(([name, lease]) => giveBack(name, lease)))).catch(onError)
      }
      if (client.isOpen) client.destroy()
    },
  }
}

function spend(lease: Lease, limit: number, cost: number): Charge {
  lease.left -= cost
  lease.spent += cost
  return chargeOf(lease, limit, true)
}

function chargeOf({ remaining, left, resetAtMs }: Lease, limit: number, allowed: boolean): Charge {
  const resetSeconds = Math.max(1, Math.ceil((resetAtMs - performance.now()) / 1000))
  return { allowed, limit, remaining: remaining + left, resetSeconds }
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
