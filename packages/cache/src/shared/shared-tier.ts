import { randomUUID } from 'node:crypto'
import type { Invalid } from '../channel.ts'
import type { Clock } from '../clock.ts'
import { SharedTimeoutError } from '../errors.ts'
import type { CacheEmitter, Reach } from '../events.ts'
import type { SharedCounters, SharedStats } from '../stats.ts'
import {
  type ReadRequest,
  type Session,
  type SessionHandlers,
  SessionLostError,
  type SharedRead,
  type SharedStore,
  type StoreMessage,
  type WriteRequest,
} from '../stores/store.ts'
import { Acks } from './acks.ts'
import { Breaker } from './breaker.ts'
import { sleep, withDeadline } from './deadline.ts'
import { PendingInvalidations } from './pending.ts'

/** Members' clocks may differ in speed by this much. */
const drift = 1.05
const connectMs = 2_000
const reconnectMinMs = 25
const reconnectMaxMs = 1_000

export interface SharedTierOptions {
  readonly store: SharedStore
  readonly clock: Clock
  readonly events: CacheEmitter
  readonly leaseMs: number
  readonly readBudgetMs: number
  readonly breakerFailures: number
  readonly breakerCooldownMs: number
  /** Another instance invalidated this. */
  readonly onInvalidation: (what: Invalid) => void
  /** Nothing that memory holds can be trusted any more. */
  readonly onReset: () => void
  /** The store can be used from this moment on, in this epoch. */
  readonly onJoin: (epoch: string) => void
}

/** The session that a snapshot was taken in, and the store's sequence then. */
export interface SharedSnapshot {
  readonly link: Link
  readonly seq: number
}

/** One session, from its opening to its loss. */
interface Link {
  session: Session | undefined
  over: boolean
  /** Aborts its opening. */
  readonly abort: AbortController
}

/**
 * This instance's side of the agreement between instances. Memory may be trusted until `#trustedUntil`: that is `leaseMs` after
 * the last moment of which the store has confirmed that this instance had heard of every invalidation. An instance that
 * invalidates waits for every member's acknowledgement, or for as long as a lease lasts. See "Why a stale answer cannot be served" in the README.
 */
export class SharedTier {
  /** Local time; while out of reach of the store, no time at all. */
  #trustedUntil = Number.NEGATIVE_INFINITY
  readonly #options: SharedTierOptions
  readonly #instance = randomUUID()
  readonly #breaker: Breaker
  readonly #acks: Acks
  readonly #pending = new PendingInvalidations()
  /** Sent, and not yet answered. */
  readonly #unconfirmed = new Set<{ readonly what: Invalid }>()
  readonly #acksToSend = new Map<string, number>()
  readonly #counters: SharedCounters = {
    hits: 0,
    misses: 0,
    stores: 0,
    refused: 0,
    failures: 0,
    timeouts: 0,
    skipped: 0,
    followed: 0,
    lapses: 0,
    messages: 0,
  }
  #state: 'connecting' | 'online' | 'closed' = 'connecting'
  #link: Link = { session: undefined, over: true, abort: new AbortController() }
  /** Messages that came before this instance had joined. */
  #inbox: StoreMessage[] = []
  #joins = 0
  #member = ''
  #epoch = ''
  #seq = 0
  /** A renewal that counts as soon as the messages up to `seq` were processed. */
  #unproven: { readonly seq: number; readonly until: number } | undefined
  #cancelRenewal = (): void => undefined

  constructor(options: SharedTierOptions) {
    const { clock, events } = options
    this.#options = options
    this.#acks = new Acks(clock)
    this.#breaker = new Breaker({
      failures: options.breakerFailures,
      cooldownMs: options.breakerCooldownMs,
      clock,
      onChange: (state) => events.emit('breaker', { state }),
    })
    void this.#connect()
  }

  get online(): boolean {
    return this.#state === 'online'
  }

  /** The one that was joined last; what is told while online is told to its members. */
  get epoch(): string {
    return this.#epoch
  }

  get stats(): SharedStats {
    const state = this.online ? 'online' : 'offline'
    return { ...this.#counters, state, breaker: this.#breaker.state, pending: this.#pending.size }
  }

  get counters(): SharedCounters {
    return this.#counters
  }

  /** `undefined` while the store cannot be used. */
  snapshot(): SharedSnapshot | undefined {
    return this.online ? { link: this.#link, seq: this.#seq } : undefined
  }

  /** Whether memory, and loads under way, may be trusted. A lease that has run out ends the session. */
  isTrusted(now: number): boolean {
    if (now < this.#trustedUntil) return true
    if (this.online) this.#lapse()
    return false
  }

  /** `undefined` where the store gave no answer within its budget, or was not asked. */
  async read(request: ReadRequest): Promise<SharedRead | undefined> {
    const link = this.#link
    const answer = await this.#attempt('read', link, (session) => session.read(request))
    if (answer?.found) this.#counters.hits += 1
    else if (answer !== undefined) this.#counters.misses += 1
    return answer
  }

  /** Stores a value that was loaded after `snapshot`. Never rejects. */
  async write(snapshot: SharedSnapshot, request: Omit<WriteRequest, 'seq'>): Promise<void> {
    const stored = await this.#attempt('write', snapshot.link, (session) =>
      session.write({ ...request, seq: snapshot.seq }),
    )
    if (stored === true) this.#counters.stores += 1
    if (stored === false) this.#counters.refused += 1
  }

  async release(snapshot: SharedSnapshot, key: string, token: string): Promise<void> {
    await this.#attempt('release', snapshot.link, (session) => session.release(key, token))
  }

  /** `everywhere` once no instance in touch with the store can serve the invalidated values. Never rejects. */
  async invalidate(what: Invalid): Promise<Reach> {
    const { clock, leaseMs } = this.#options
    const link = this.#link
    const self = this.#member
    if (!this.online || link.session === undefined) {
      this.#pending.add(what)
      return 'local'
    }
    const asked = { what }
    this.#unconfirmed.add(asked)
    try {
      const done = await withDeadline(clock, 'invalidate', leaseMs, link.session.invalidate(what))
      this.#unconfirmed.delete(asked)
      const silent = await this.#acks.all(done, self, leaseMs * drift)
      if (silent.size > 0) void this.#attempt('evict', link, (session) => session.evict(silent))
      return 'everywhere'
    } catch (error) {
      this.failed('invalidate', error)
      this.#drop(link, error)
      return 'local'
    }
  }

  async close(): Promise<void> {
    const { session } = this.#link
    const wasOnline = this.online
    this.#state = 'closed'
    this.#cancelRenewal()
    if (wasOnline && session !== undefined) {
      await withDeadline(this.#options.clock, 'leave', this.#options.readBudgetMs, session.leave()).catch(
        () => undefined,
      )
    }
    end(this.#link)
  }

  async #attempt<T>(operation: string, link: Link, run: (session: Session) => Promise<T>): Promise<T | undefined> {
    const { clock, readBudgetMs } = this.#options
    if (!this.online || link !== this.#link || link.session === undefined || !this.#breaker.allow()) {
      this.#counters.skipped += 1
      return undefined
    }
    try {
      const answer = await withDeadline(clock, operation, readBudgetMs, run(link.session))
      if (link === this.#link) this.#breaker.succeeded()
      return answer
    } catch (error) {
      this.failed(operation, error)
      if (link === this.#link) this.#breaker.failed()
      if (error instanceof SessionLostError) this.#drop(link, error)
      return undefined
    }
  }

  /** Counts and reports failures that no reader notices. */
  failed(operation: string, error: unknown): void {
    if (error instanceof SharedTimeoutError) this.#counters.timeouts += 1
    else this.#counters.failures += 1
    this.#options.events.emit('sharedFailure', { operation, error })
  }

  async #connect(): Promise<void> {
    for (let delayMs = reconnectMinMs; this.#state === 'connecting'; delayMs = Math.min(delayMs * 2, reconnectMaxMs)) {
      const link: Link = { session: undefined, over: false, abort: new AbortController() }
      this.#link = link
      try {
        await this.#open(link)
        return
      } catch (error) {
        end(link)
        this.failed('connect', error)
      }
      await sleep(this.#options.clock, delayMs)
    }
  }

  async #open(link: Link): Promise<void> {
    const { clock, leaseMs, store } = this.#options
    this.#inbox = []
    const handlers: SessionHandlers = {
      onMessage: (message) => this.#received(link, message),
      onAck: (from, seq) => link.over || this.#acks.received(from, seq),
      onClose: (cause) => this.#drop(link, cause),
    }
    const opening = store.open(handlers, link.abort.signal)
    // A session that comes after its deadline is not wanted any more.
    opening.then((late) => link.over && late.close()).catch(() => undefined)
    const session = await withDeadline(clock, 'open', connectMs, opening)
    link.session = session

    this.#joins += 1
    const member = `${this.#instance}.${this.#joins}`
    const sentAt = clock.now()
    const joined = await withDeadline(clock, 'join', leaseMs, session.join(member, randomUUID(), leaseMs))
    this.#member = member
    this.#epoch = joined.epoch
    this.#seq = joined.seq
    this.#acks.reset()
    // Checked again after each await: invalidations until the line that goes online must not be forgotten.
    while (this.#pending.size > 0) await this.#replay(session)
    if (link.over || this.#state === 'closed') throw new SessionLostError()
    this.#online(link, sentAt + leaseMs)
    const { young } = joined
    if (young !== undefined) this.#confirmLater(link, young)
  }

  /** After a lease, only members that the store knows trust their memory. Tried until it succeeds: invalidations wait for it. */
  #confirmLater(link: Link, young: string): void {
    const { clock, leaseMs } = this.#options
    clock.setTimer(async () => {
      const done = await this.#attempt('confirmMembers', link, (each) => each.confirmMembers(young).then(() => true))
      if (done === undefined && !link.over) this.#confirmLater(link, young)
    }, leaseMs * drift)
  }

  /** Sends the store the invalidations that it could not be told. */
  async #replay(session: Session): Promise<void> {
    for (let missed = this.#pending.take(); missed !== undefined; missed = this.#pending.take()) {
      try {
        await withDeadline(this.#options.clock, 'invalidate', this.#options.leaseMs, session.invalidate(missed))
      } catch (error) {
        this.#pending.add(missed)
        throw error
      }
    }
  }

  #online(link: Link, trustedUntil: number): void {
    this.#options.onReset()
    this.#options.onJoin(this.#epoch)
    this.#state = 'online'
    this.#trustedUntil = trustedUntil
    this.#unproven = undefined
    this.#breaker.succeeded()
    const { events } = this.#options
    events.emit('shared', { state: 'online' })
    const inbox = this.#inbox
    this.#inbox = []
    for (const message of inbox) this.#received(link, message)
    this.#scheduleRenewal(link)
  }

  #scheduleRenewal(link: Link): void {
    const { clock, leaseMs } = this.#options
    this.#cancelRenewal = clock.setTimer(() => {
      if (link.over) return
      if (!this.isTrusted(clock.now())) return
      void this.#renew(link)
      this.#scheduleRenewal(link)
    }, leaseMs / 4)
  }

  async #renew(link: Link): Promise<void> {
    const { clock, leaseMs } = this.#options
    const until = clock.now() + leaseMs
    try {
      const seq = await withDeadline(
        clock,
        'renew',
        leaseMs,
        link.session?.renew(leaseMs) ?? Promise.reject(new SessionLostError()),
      )
      if (link.over) return
      this.#unproven = { seq, until }
      this.#prove()
    } catch (error) {
      if (link.over) return
      this.failed('renew', error)
      if (!(error instanceof SharedTimeoutError)) this.#drop(link, error)
    }
  }

  /** A renewal counts only once everything that the store knew at that moment was applied here. */
  #prove(): void {
    if (this.#unproven === undefined || this.#seq < this.#unproven.seq) return
    this.#trustedUntil = this.#unproven.until
    this.#unproven = undefined
  }

  #received(link: Link, message: StoreMessage): void {
    if (link.over) return
    if (this.#state === 'closed') {
      // Memory is empty and stays so: nobody needs to wait for this instance's lease.
      this.#acknowledge(link, message)
      return
    }
    if (!this.online) {
      this.#inbox.push(message)
      return
    }
    if (message.epoch === this.#epoch && message.seq <= this.#seq) return
    if (message.epoch !== this.#epoch || message.seq !== this.#seq + 1) {
      this.#drop(link, new SessionLostError())
      return
    }
    this.#counters.messages += 1
    this.#seq = message.seq
    if (message.from !== this.#member) {
      this.#options.onInvalidation(message.what)
      this.#acknowledge(link, message)
    }
    this.#prove()
  }

  /** Sends one acknowledgement for all messages of a member that arrive in one go. */
  #acknowledge(link: Link, { from, seq }: StoreMessage): void {
    if (this.#acksToSend.size === 0) {
      queueMicrotask(() => {
        for (const [to, upTo] of this.#acksToSend) if (!link.over) link.session?.ack(to, upTo)
        this.#acksToSend.clear()
      })
    }
    this.#acksToSend.set(from, seq)
  }

  #lapse(): void {
    this.#drop(this.#link, new SharedTimeoutError('renew', this.#options.leaseMs))
  }

  #drop(link: Link, cause: unknown): void {
    if (link.over) return
    end(link)
    if (!this.online) return
    this.#state = 'connecting'
    this.#cancelRenewal()
    // Perhaps the store has them, perhaps not: they are sent again before this instance uses the store again.
    for (const { what } of this.#unconfirmed) this.#pending.add(what)
    this.#unconfirmed.clear()
    this.#trustedUntil = Number.NEGATIVE_INFINITY
    this.#counters.lapses += 1
    this.#options.onReset()
    this.#breaker.trip()
    this.#options.events.emit('shared', { state: 'offline', cause })
    void this.#connect()
  }
}

function end(link: Link): void {
  link.over = true
  link.abort.abort()
  link.session?.close()
}
