import { type Bucket, type Limiter, tighter } from './limiter.ts'
import type { Charge } from './window.ts'

/** How long requests granted ahead may wait to be spent. Then they are given back, and the counter is asked again. */
export const leaseMs = 1000

/** What a counter is asked for one bucket. */
export interface Asked {
  readonly limit: number
  readonly need: number
  readonly ahead: number
  /** Requests granted in `backStep` and not spent. */
  readonly back: number
  readonly backStep: number
}

export interface Settled {
  /** `need` and perhaps some of `ahead`; 0 where there was no room for `need`. */
  readonly granted: number
  /** Left in the counter. */
  readonly remaining: number
  /** The time until more is left; without a grant, until there is room for `need`. */
  readonly resetMs: number
  readonly step: number
  /** The time until the current step ends. */
  readonly stepLeftMs: number
}

/** Requests of one bucket that the counter has granted to this process ahead: they are spent without asking. */
interface Lease {
  /** Granted and not spent. */
  left: number
  /** Spent lately: as many are asked for ahead. */
  spent: number
  /** Left in the counter at the last answer. */
  remaining: number
  resetAtMs: number
  /** The step of the grant: the requests count in it, and so must be spent before it ends. */
  step: number
  endsAtMs: number
  isAsking: boolean
  /** So many requests were refused, and are again until then. */
  refused: { readonly cost: number; readonly limit: number; readonly untilMs: number }
}

interface LeasingOptions {
  /** Takes back what was not spent, and grants what is asked for, for all processes together. Rejects where it does not answer in time. */
  readonly settle: (name: string, asked: Asked) => Promise<Settled>
  readonly isUsable: () => boolean
  /** Counts while the counter does not. */
  readonly meanwhile: Required<Pick<Limiter, 'chargeNow'>>
  /** The counter has failed a request. */
  readonly onFailure: (error: unknown) => void
  /** Something could not be given back. */
  readonly onError: (error: unknown) => void
  /** A refusal stands for so long without asking again. Default 0. */
  readonly refuseForMs?: number
}

export interface LeasingLimiter extends Limiter {
  /** Gives back what has not been spent in time, and forgets buckets that nobody asks for. */
  sweep(): void
  /** Gives back everything that has not been spent. */
  giveAllBack(): Promise<void>
}

/**
 * Spends requests that a common counter has granted to this process: never more than the limit gets through in all processes
 * together, and a busy caller's requests are mostly charged without asking.
 */
export function createLeasingLimiter(options: LeasingOptions): LeasingLimiter {
  const { settle, isUsable, meanwhile, onFailure, onError, refuseForMs = 0 } = options
  const leases = new Map<string, Lease>()

  const leaseOf = (name: string): Lease => {
    const lease = leases.get(name) ?? {
      left: 0,
      spent: 0,
      remaining: 0,
      resetAtMs: 0,
      step: 0,
      endsAtMs: 0,
      isAsking: false,
      refused: never,
    }
    leases.set(name, lease)
    return lease
  }

  /** Takes the rest out of the lease, to be given back. */
  const takeBack = (lease: Lease) => {
    const back = lease.left
    lease.left = 0
    return { back, backStep: lease.step }
  }

  const giveBack = async (name: string, lease: Lease) => {
    await settle(name, { limit: 0, need: 0, ahead: 0, ...takeBack(lease) }).catch(onError)
  }

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
      const { granted, remaining, resetMs, step, stepLeftMs } = await settle(name, asked)
      lease.remaining = remaining
      lease.resetAtMs = sentAtMs + resetMs
      if (granted === 0) {
        if (refuseForMs > 0) lease.refused = { cost, limit, untilMs: sentAtMs + Math.min(refuseForMs, resetMs) }
        return chargeOf(lease, limit, false)
      }
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
    if (!isUsable()) return meanwhile.chargeNow(buckets, cost)
    const nowMs = performance.now()
    const held = buckets.map(({ name }) => leases.get(name))
    for (const [at, { limit }] of buckets.entries()) {
      const lease = held[at]
      if (lease !== undefined && isRefused(lease, limit, cost, nowMs)) return chargeOf(lease, limit, false)
    }
    if (held.some((lease) => lease === undefined || lease.left < cost || lease.endsAtMs <= nowMs)) return undefined
    return buckets.reduce<Charge | undefined>(
      (tightest, { limit }, at) => tighter(tightest, spend(held[at] as Lease, limit, cost)),
      undefined,
    )
  }

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
        onFailure(error)
        return meanwhile.chargeNow(buckets, cost) as Charge
      }
    },
    sweep() {
      const nowMs = performance.now()
      for (const [name, lease] of leases) {
        if (lease.isAsking || lease.endsAtMs > nowMs) continue
        if (lease.left > 0) void giveBack(name, lease)
        // One that ended just now knows how many to ask for.
        if (lease.endsAtMs + leaseMs <= nowMs && lease.refused.untilMs <= nowMs) leases.delete(name)
      }
    },
    async giveAllBack() {
      const unspent = [...leases].filter(([, lease]) => lease.left > 0)
      await Promise.all(unspent.map(([name, lease]) => giveBack(name, lease)))
      leases.clear()
    },
    close: async () => {},
  }
}

const never = { cost: 0, limit: 0, untilMs: 0 }

function isRefused({ left, refused }: Lease, limit: number, cost: number, nowMs: number): boolean {
  return refused.untilMs > nowMs && left < cost && cost >= refused.cost && limit <= refused.limit
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
