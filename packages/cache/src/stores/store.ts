import type { Invalid } from '../channel.ts'

/**
 * The contract of a shared store: the second tier, and the place where instances agree on the invalidations.
 *
 * A store keeps one sequence, `seq`, that grows with every invalidation, and for each tag the number of its last one.
 * The sequence belongs to an `epoch`: where a store lost its memory (flushed, restarted, failed over), a new epoch begins and
 * everything of the old one is unreachable. Every operation below is atomic. `testing/store-contract.ts` is its test suite.
 */
export interface SharedStore {
  /** For messages: `redis`, `memory`. */
  readonly name: string
  /**
   * Connects and listens. Resolves once messages arrive; rejects where the store cannot be reached. When `signal` aborts, the
   * session is not wanted any more: whatever connection there is by then ends.
   */
  open(handlers: SessionHandlers, signal: AbortSignal): Promise<Session>
}

export interface SessionHandlers {
  /** Another instance, or this one, invalidated something. In the order of `seq`, without gaps, while the session lives. */
  onMessage(message: StoreMessage): void
  /** The member `from` has applied every invalidation up to and including `seq`. */
  onAck(from: string, seq: number): void
  /** The session is over. Called once, unless `close` was called before. */
  onClose(cause: unknown): void
}

export interface StoreMessage {
  readonly epoch: string
  readonly seq: number
  /** The member that invalidated. */
  readonly from: string
  readonly what: Invalid
}

export interface Joined {
  readonly epoch: string
  readonly seq: number
  /**
   * Set where members that are unknown to the store may still trust their memory, because the store has just lost its own.
   * Until `confirmMembers(young)` was called, an invalidation has to be given the whole lease.
   */
  readonly young: string | undefined
}

export interface ReadRequest {
  readonly key: string
  /** Asks to be the one that loads the value, where there is none: the token and how long the others shall wait for it. */
  readonly lead?: { readonly token: string; readonly lockMs: number }
}

export type SharedRead =
  | { readonly found: true; readonly bytes: Uint8Array; readonly tags: readonly string[]; readonly remainingMs: number }
  | { readonly found: false; readonly leads: boolean }

export interface WriteRequest {
  readonly key: string
  readonly bytes: Uint8Array
  readonly tags: readonly string[]
  /** The store's sequence, as this instance knew it before it read the value from its source. */
  readonly seq: number
  readonly keepMs: number
  /** The lead to give back, whether or not the value is stored. */
  readonly token?: string
}

export interface Invalidated {
  readonly seq: number
  /** Every member that may trust its memory, with the number of its renewals so far. */
  readonly members: ReadonlyMap<string, number>
  readonly young: string | undefined
}

/** Thrown by a session's operations when the epoch has ended or the member is no longer known: join again. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLostError'
  readonly code = 'CACHE_SESSION_LOST'

  constructor() {
    super('The shared store began a new epoch, or forgot this member')
  }
}

/** One connection's life. All of it is over once `onClose` was called. Operations reject with `SessionLostError` or a store's own errors. */
export interface Session {
  /**
   * Makes this instance a member. Begins a new epoch with the name `epoch` where the store has none, or is not the process that
   * the epoch began in; makes all stored entries unreachable where members were registered but none renewed within `leaseMs`.
   */
  join(member: string, epoch: string, leaseMs: number): Promise<Joined>
  /** Registers one more renewal and answers the store's sequence. */
  renew(leaseMs: number): Promise<number>
  /** The entry, unless one of its tags was invalidated after the sequence that it was written with. */
  read(request: ReadRequest): Promise<SharedRead>
  /** False where something that the value depends on was invalidated after `seq`: then nothing is stored. */
  write(request: WriteRequest): Promise<boolean>
  invalidate(what: Invalid): Promise<Invalidated>
  ack(to: string, seq: number): void
  /** Gives a lead back, where its load failed. */
  release(key: string, token: string): Promise<void>
  /** Forgets the members whose renewals still stand at these numbers. */
  evict(members: ReadonlyMap<string, number>): Promise<void>
  /** From now on the list of members is complete: a member from before the store lost its memory has no lease left. */
  confirmMembers(young: string): Promise<void>
  leave(): Promise<void>
  close(): void
}
