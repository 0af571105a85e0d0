import type { Session, SessionHandlers, SharedStore } from '../stores/store.ts'

/** A shared store that fails when it is told to. */
export interface FaultyStore extends SharedStore {
  /** Connections break, and none can be made. */
  down(): void
  /** Connections stay, but nothing is answered and no message arrives. */
  hang(): void
  /** Every operation takes `callMs` on its way to the store, every message `messageMs` on its way back. */
  slow(callMs: number, messageMs?: number): void
  /** The next so many messages are lost on their way, as by a broken subscription. */
  loseMessages(count: number): void
  /** The store works from now on. Calls that hung stay lost. */
  heal(): void
  /** Operations begun so far, by name. */
  readonly calls: ReadonlyMap<string, number>
}

type State = { kind: 'well' | 'down' | 'hang' } | { kind: 'slow'; callMs: number; messageMs: number }

export function createFaultyStore(
  inner: SharedStore,
  setTimer: (run: () => void, delayMs: number) => unknown = setTimeout,
): FaultyStore {
  let state: State = { kind: 'well' }
  let toLose = 0
  const calls = new Map<string, number>()
  const open = new Map<Session, SessionHandlers>()

  const pause = (on: 'callMs' | 'messageMs'): Promise<void> => {
    if (state.kind === 'down') return Promise.reject(new Error('The store is down'))
    if (state.kind === 'hang') return new Promise(() => undefined)
    const delayMs = state.kind === 'slow' ? state[on] : 0
    return delayMs === 0 ? Promise.resolve() : new Promise((resolve) => void setTimer(resolve, delayMs))
  }
  const call = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    calls.set(name, (calls.get(name) ?? 0) + 1)
    await pause('callMs')
    return run()
  }
  /** Messages keep their order: none overtakes another, whatever the delay. */
  const deliverTo = () => {
    let last = Promise.resolve()
    return (run: () => void): void => {
      const arrives = pause('messageMs').then(
        () => true,
        () => false,
      )
      last = last.then(() => arrives).then((arrived) => (arrived ? run() : undefined))
    }
  }

  return {
    name: `faulty ${inner.name}`,
    calls,
    open: (handlers, signal) =>
      call('open', async () => {
        const deliver = deliverTo()
        const own: SessionHandlers = {
          onMessage(message) {
            if (toLose > 0) toLose -= 1
            else deliver(() => handlers.onMessage(message))
          },
          onAck: (from, seq) => deliver(() => handlers.onAck(from, seq)),
          onClose: (cause) => handlers.onClose(cause),
        }
        const session = await inner.open(own, signal)
        const wrapped: Session = {
          join: (...args) => call('join', () => session.join(...args)),
          renew: (...args) => call('renew', () => session.renew(...args)),
          read: (...args) => call('read', () => session.read(...args)),
          write: (...args) => call('write', () => session.write(...args)),
          invalidate: (...args) => call('invalidate', () => session.invalidate(...args)),
          release: (...args) => call('release', () => session.release(...args)),
          evict: (...args) => call('evict', () => session.evict(...args)),
          confirmMembers: (...args) => call('confirmMembers', () => session.confirmMembers(...args)),
          leave: () => call('leave', () => session.leave()),
          ack: (to, seq) => deliver(() => session.ack(to, seq)),
          close() {
            open.delete(session)
            session.close()
          },
        }
        open.set(session, handlers)
        return wrapped
      }),
    down() {
      state = { kind: 'down' }
      const broken = [...open]
      open.clear()
      for (const [session, handlers] of broken) {
        session.close()
        handlers.onClose(new Error('The connection was reset'))
      }
    },
    hang() {
      state = { kind: 'hang' }
    },
    slow(callMs, messageMs = callMs) {
      state = { kind: 'slow', callMs, messageMs }
    },
    loseMessages(count) {
      toLose = count
    },
    heal() {
      state = { kind: 'well' }
      toLose = 0
    },
  }
}
