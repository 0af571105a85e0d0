import { setImmediate } from 'node:timers'
import { type Clock, systemClock } from '../clock.ts'
import {
  type Invalidated,
  type Joined,
  type ReadRequest,
  type Session,
  type SessionHandlers,
  SessionLostError,
  type SharedRead,
  type SharedStore,
  type StoreMessage,
  type WriteRequest,
} from '../stores/store.ts'

interface Stored {
  readonly request: WriteRequest
  readonly until: number
}

/** A shared store in this process: the work of Redis, in a page of code. For tests, and the reference for other stores. */
export interface MemoryStore extends SharedStore {
  /** Loses everything, as FLUSHALL does. Connections stay. */
  flush(): void
  /** Another process with the same data: connections break. */
  restart(): void
  readonly members: ReadonlyMap<string, number>
}

export function createMemoryStore(clock: Clock = systemClock): MemoryStore {
  const entries = new Map<string, Stored>()
  const locks = new Map<string, { token: string; until: number }>()
  const marks = new Map<string, number>()
  const members = new Map<string, number>()
  const sessions = new Map<Session, SessionHandlers & { member: string }>()
  let epoch = ''
  let run = 1
  let epochRun = 0
  let seq = 0
  let floor = 0
  let young: string | undefined
  let aliveUntil = 0

  const raiseFloor = (member: string): void => {
    seq += 1
    floor = seq
    members.clear()
    young = member
  }
  const publish = (message: StoreMessage): void => {
    for (const [, handlers] of sessions) setImmediate(() => handlers.onMessage(message))
  }
  const isCurrent = ({ tags, seq: since }: WriteRequest): boolean =>
    since >= floor && tags.every((tag) => (marks.get(tag) ?? 0) <= since)
  const giveBack = (key: string, token: string | undefined): void => {
    if (token !== undefined && locks.get(key)?.token === token) locks.delete(key)
  }

  function createSession(handlers: SessionHandlers): Session {
    let mine = ''
    let myEpoch = ''
    const own = { ...handlers, member: '' }
    const check = async (): Promise<void> => {
      await undefined
      if (!sessions.has(session)) throw new Error('The connection is closed')
      if (myEpoch !== epoch || !members.has(mine)) throw new SessionLostError()
    }
    const session: Session = {
      async join(member, newEpoch, leaseMs): Promise<Joined> {
        await undefined
        if (epoch === '' || epochRun !== run) {
          epoch = newEpoch
          epochRun = run
          seq = 0
          entries.clear()
          marks.clear()
          raiseFloor(member)
        } else if (members.size > 0 && clock.now() >= aliveUntil) raiseFloor(member)
        members.set(member, 0)
        aliveUntil = clock.now() + leaseMs
        mine = member
        myEpoch = epoch
        own.member = member
        return { epoch, seq, young }
      },
      async renew(leaseMs) {
        await check()
        members.set(mine, (members.get(mine) ?? 0) + 1)
        aliveUntil = clock.now() + leaseMs
        return seq
      },
      async read({ key, lead }: ReadRequest): Promise<SharedRead> {
        await check()
        const stored = entries.get(key)
        if (stored !== undefined && clock.now() < stored.until && isCurrent(stored.request)) {
          const { bytes, tags } = stored.request
          return { found: true, bytes, tags, remainingMs: stored.until - clock.now() }
        }
        const lock = locks.get(key)
        const free = lock === undefined || clock.now() >= lock.until
        if (lead === undefined || !free) return { found: false, leads: false }
        locks.set(key, { token: lead.token, until: clock.now() + lead.lockMs })
        return { found: false, leads: true }
      },
      async write(request) {
        await check()
        giveBack(request.key, request.token)
        if (!isCurrent(request)) return false
        entries.set(request.key, { request, until: clock.now() + request.keepMs })
        return true
      },
      async invalidate(what): Promise<Invalidated> {
        await check()
        seq += 1
        if (what === 'all') floor = seq
        else for (const tag of what) marks.set(tag, seq)
        publish({ epoch, seq, from: mine, what })
        return { seq, members: new Map(members), young }
      },
      ack(to, upTo) {
        const from = mine
        for (const [, each] of sessions) if (each.member === to) setImmediate(() => each.onAck(from, upTo))
      },
      async release(key, token) {
        await check()
        giveBack(key, token)
      },
      async evict(silent) {
        await check()
        for (const [member, renewals] of silent) if (members.get(member) === renewals) members.delete(member)
      },
      async confirmMembers(token) {
        await check()
        if (young === token) young = undefined
      },
      async leave() {
        await check()
        members.delete(mine)
      },
      close() {
        sessions.delete(session)
      },
    }
    sessions.set(session, own)
    return session
  }

  return {
    name: 'memory',
    async open(handlers) {
      await undefined
      return createSession(handlers)
    },
    flush() {
      epoch = ''
      seq = 0
      floor = 0
      for (const each of [entries, locks, marks, members]) each.clear()
    },
    restart() {
      run += 1
      const broken = [...sessions.values()]
      sessions.clear()
      for (const each of broken) each.onClose(new Error('The connection was reset'))
    },
    members,
  }
}
