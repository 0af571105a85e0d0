import { setTimeout } from 'node:timers/promises'

/** One process that serves. */
export interface Hand {
  /** Resolves when it serves; never where it ends before. */
  readonly ready: Promise<unknown>
  readonly ended: Promise<HandEnd>
  /** `stop`: the server ends. `replace`: another process has taken its place already. */
  stop(how: StopKind): void
  /** One that does not stop. */
  kill(): void
}

export type StopKind = 'stop' | 'replace'

export interface HandEnd {
  readonly code: number | null
  readonly signal: string | null
  /** Where it could not begin: it has neither of both then. */
  readonly reason?: string
}

export type CrewEvent =
  | { readonly kind: 'ended'; readonly seat: number; readonly end: HandEnd; readonly againInMs: number }
  | { readonly kind: 'back' | 'replaced' | 'not replaced'; readonly seat: number }

export interface Crew {
  /** Resolves when every seat serves. @throws CrewError where one does not come so far. */
  open(): Promise<void>
  /** When all seats have been filled, each in turn: a new process serves before the old one is asked to go. One that cannot start, or does not within five minutes, leaves the old ones where they are. */
  reload(): Promise<void>
  /** Resolves when all have ended. */
  close(): Promise<void>
  /** Rejects when a process ends again and again while none of the others serves. */
  readonly lasting: Promise<never>
  stats(): { readonly ready: number; readonly ends: number; readonly replacements: number }
}

interface CrewOptions {
  readonly seats: number
  readonly start: (seat: number) => Hand
  readonly onEvent?: (event: CrewEvent) => void
  /** Default: timers. `holds`: the process lives at least as long, even where it has nothing else to wait for. */
  readonly sleep?: (ms: number, holds: boolean) => Promise<unknown>
  /** Milliseconds. */
  readonly now?: () => number
}

/** A process could not be kept running; the message says how its last one ended. */
export class CrewError extends Error {
  override readonly name = 'CrewError'
}

/**
 * The pauses before a process is started again after its first, second … end in a row. After one more, 16 s in all, the server ends
 * where no other process serves; otherwise the last pause is repeated: what a process lacks may come back, as a database does.
 */
const pausesMs = [0, 250, 500, 1000, 2000, 4000, 8000]
/** A new process that serves by then is waited for; some bring a database up to date first. */
const startMs = 300_000
/** A process that has served for so long has not failed at its start. */
const steadyMs = 10_000

interface Place {
  readonly seat: number
  hand: Hand | undefined
  /** Ends in a row. */
  ends: number
}

/**
 * Keeps a process in each seat. The first one starts alone, for it brings the database up to date; a process that ends is started
 * again in the same seat, after a pause that grows.
 */
export function createCrew({ seats, start, onEvent = () => {}, ...options }: CrewOptions): Crew {
  const { sleep = (ms, ref) => setTimeout(ms, undefined, { ref }), now = () => performance.now() } = options
  const places = Array.from({ length: seats }, (_, n): Place => ({ seat: n + 1, hand: undefined, ends: 0 }))
  const running = new Set<Hand>()
  const ready = new Set<Hand>()
  const counts = { ends: 0, replacements: 0 }
  const { promise: opened, resolve: isOpen } = Promise.withResolvers<void>()
  const { promise: lasting, reject: fail } = Promise.withResolvers<never>()
  lasting.catch(() => {})
  let isClosing = false
  let reloading: Promise<void> | undefined
  let isAskedAgain = false

  const begin = (place: Place): Hand => {
    const hand = startOrEnd(start, place.seat)
    running.add(hand)
    let servesSince = Number.POSITIVE_INFINITY
    hand.ready.then(() => {
      if (!running.has(hand)) return
      ready.add(hand)
      servesSince = now()
    })
    hand.ended.then((end) => {
      running.delete(hand)
      ready.delete(hand)
      // Not since its start: one that waits ten seconds for a database that is not there has served nobody.
      const isSteady = now() - servesSince >= steadyMs
      if (place.hand === hand && !isClosing) void startAgain(place, hand, { end, isSteady })
    })
    return hand
  }

  /** Undefined when it serves; how it ended where it does not come so far. */
  const failureOf = ({ ready, ended }: Hand): Promise<HandEnd | undefined> =>
    Promise.race([ready.then(() => undefined), ended])

  const startAgain = async (place: Place, gone: Hand, { end, isSteady }: { end: HandEnd; isSteady: boolean }) => {
    place.ends = isSteady ? 1 : place.ends + 1
    counts.ends++
    const pauseMs = pausesMs[place.ends - 1]
    if (pauseMs === undefined && ready.size === 0) {
      fail(new CrewError(`Worker ${place.seat} ended ${place.ends} times in a row, ${inWords(end)} at last.`))
      return
    }
    const againInMs = pauseMs ?? (pausesMs.at(-1) as number)
    onEvent({ kind: 'ended', seat: place.seat, end, againInMs })
    // With no worker left, there is no other thing that this process waits for.
    if (againInMs > 0) await sleep(againInMs, true)
    // A reload may have filled the seat meanwhile.
    if (isClosing || place.hand !== gone) return
    const hand = begin(place)
    place.hand = hand
    if ((await failureOf(hand)) === undefined) onEvent({ kind: 'back', seat: place.seat })
  }

  const fill = async (place: Place) => {
    const hand = begin(place)
    const failure = await failureOf(hand)
    if (failure !== undefined) throw new CrewError(`Worker ${place.seat} could not start: ${inWords(failure)}.`)
    place.hand = hand
  }

  const replace = async (place: Place): Promise<boolean> => {
    const hand = begin(place)
    const isReady = await Promise.race([
      failureOf(hand).then((failure) => failure === undefined),
      sleep(startMs, false).then(() => false),
    ])
    if (isClosing) return false
    if (!isReady) hand.kill()
    onEvent({ kind: isReady ? 'replaced' : 'not replaced', seat: place.seat })
    if (!isReady) return false
    counts.replacements++
    const old = place.hand
    place.hand = hand
    place.ends = 0
    old?.stop('replace')
    return true
  }

  const reloadAll = async () => {
    // A seat that is being filled for the first time has nobody who could be replaced.
    await opened
    try {
      do {
        isAskedAgain = false
        for (const place of places) if (isClosing || !(await replace(place))) break
      } while (isAskedAgain && !isClosing)
    } finally {
      reloading = undefined
    }
  }

  return {
    lasting,
    async open() {
      const [first, ...others] = places as [Place, ...Place[]]
      await fill(first)
      await Promise.all(others.map(fill))
      isOpen()
    },
    reload() {
      isAskedAgain = true
      reloading ??= reloadAll()
      return reloading
    },
    async close() {
      isClosing = true
      for (const hand of running) hand.stop('stop')
      await Promise.all([...running].map(({ ended }) => ended))
    },
    stats: () => ({ ready: ready.size, ...counts }),
  }
}

/** One that cannot even be started has ended. */
function startOrEnd(start: (seat: number) => Hand, seat: number): Hand {
  try {
    return start(seat)
  } catch (error) {
    const { message: reason } = error as Error
    const ended = Promise.resolve({ code: null, signal: null, reason })
    return { ready: new Promise(() => {}), ended, stop() {}, kill() {} }
  }
}

function inWords({ code, signal, reason }: HandEnd): string {
  if (reason !== undefined) return `by an error (${reason})`
  return signal === null ? `with status ${code}` : `by ${signal}`
}
