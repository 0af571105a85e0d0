import { setTimeout } from 'node:timers/promises'
import type { Cache } from '@extropy/cache'
import {
  CannotConnectError,
  type createRecorder,
  DatabaseUnavailableError,
  isLater,
  type LogPlace,
  type Lsn,
  type Replicas,
} from '@extropy/db'
import { untilAborted } from '../until-aborted.ts'
import { createStamps, isNewer } from './stamps.ts'

type Recorder = Pick<ReturnType<typeof createRecorder>, 'reads' | 'unknown'>
type Chosen = NonNullable<Awaited<ReturnType<Replicas['choose']>>>

/** Reads on replicas that are as good as reads on the primary. */
export interface ReplicaReads {
  /** The newest stamp, for every answer: it covers all writes that this server has made, and those that it has asked about. */
  readonly stamp: string | undefined
  /** Whether this server has lost touch with the others and with the primary: replicas may answer, but no two callers alike. */
  isCutOff(): boolean
  /**
   * A replica that a read may begin on, one that has replayed what the caller's stamp stands for. Undefined: it is read on the
   * primary.
   */
  begin(stamp: string | undefined): Promise<ReplicaRead | undefined>
  /** Whether a request may have to be refused: `admit` says. Costs next to nothing. */
  mayRefuse(stamp: string | undefined): boolean
  /**
   * Lets a request in where the primary that this server knows is as new as the one that the caller's stamp comes from: a fork would lose the
   * caller's write, answer with what it no longer is, and know nothing of a revoked key. @throws CannotConnectError
   */
  admit(stamp: string | undefined): Promise<void>
  /** The primary's time: a write that began in one and ended in another may be lost. */
  era(): Era
  /**
   * To be called after a commit and its invalidation, with the era in which the write began: true where the stamp covers it from then on. False:
   * the primary has gone, perhaps with the write.
   */
  noteWrite(since: Era): Promise<boolean>
  /** To be called after a read, before its answer: the stamp covers what invalidations so far have told of, as long as the primary answers. */
  noteRead(): Promise<void>
  /** Counts of reads since the start. */
  counts(): ReplicaReadCounts
}

interface Era {
  readonly moves: number
  /** 0 where it was not known yet. */
  readonly timeline: number
}

interface ReplicaRead {
  /** Nobody can say whether it is current: it must not be kept. */
  readonly isUncertain: boolean
  /** The work's outcome. @throws DatabaseUnavailableError where the replica is found to be away, or takes too long; the signal's reason on abort. */
  run<Result>(work: (on: ReplicaScope) => Promise<Result>, signal: AbortSignal): Promise<Result>
  /** Whether what was read is what the primary would have answered; false: read it there. */
  isCurrent(recorder: Recorder): Promise<boolean>
  /** The read has failed. */
  fail(): void
  /** To be called in any case. */
  end(): void
}

interface ReplicaScope {
  readonly source: Chosen['source']
  readonly signal: AbortSignal
}

export interface ReplicaReadCounts {
  /** Answered by a replica. */
  served: number
  /** Sent to the primary: no replica was there, or none had replayed the caller's stamp in time. */
  notBegun: number
  /** Begun on a replica, and done again on the primary: something had been written that the replica had not replayed. */
  outdated: number
  /** Begun on a replica, and done again on the primary: it failed there. */
  failed: number
}

/** How long a caller's stamp is waited for. */
const waitMs = 50
const lookEveryMs = 2
/** The primary that was away is asked again for so long before a read does without it: a connection to a busy server takes a while. */
const askPrimaryMs = 250
/** A read that takes longer on a replica is done on the primary, which then has most of the request's time left. */
const runMs = 5000
/** A stamp is renewed after so long without a write or a miss. */
const renewMs = 10_000
/** Older ones stand for less than the oldest replica in use shows. */
const maxPoints = 1000

const nowhere: LogPlace = { timeline: 0, lsn: 0n }

/** All invalidations up to `sequence` are of commits up to `lsn`. */
interface Point {
  readonly sequence: number
  readonly lsn: Lsn
}

/** Decision 112 says why it holds. */
export function createReplicaReads(
  cache: Pick<Cache, 'sequence' | 'isCurrentSince'>,
  replicas: Replicas,
  options: {
    readonly databaseId: string
    readonly onMove: (hear: () => void) => void
    /** Whether this server can never hear of others' writes: nothing that a replica says can be judged. Default: never. */
    readonly isDeaf?: () => boolean
  },
): ReplicaReads {
  const stamps = createStamps(options.databaseId)
  const points: Point[] = []
  const counts: ReplicaReadCounts = { served: 0, notBegun: 0, outdated: 0, failed: 0 }
  let stamp: string | undefined
  let stampPlace = nowhere
  let notedAt = 0
  /** Of the last note; 0 where there was none since the last move. */
  let timeline = 0
  /** Moves of the primary: places of the old one mean nothing on the new one. */
  let moves = 0
  options.onMove(() => {
    moves++
    timeline = 0
    points.splice(0)
  })

  /** The primary's place, which the stamp stands for from then on; undefined where the primary has moved meanwhile. */
  const note = async (): Promise<LogPlace | undefined> => {
    const { sequence } = cache
    const before = moves
    notedAt = performance.now()
    const place = await replicas.primaryPlace()
    if (moves !== before) return undefined
    timeline = place.timeline
    if (isLater(place, stampPlace)) {
      stampPlace = place
      stamp = stamps.write(place)
    }
    const last = points.at(-1)
    if (last !== undefined && last.sequence >= sequence) return place
    points.push({ sequence, lsn: place.lsn })
    if (points.length > maxPoints) points.shift()
    return place
  }

  let isNoting = false
  /** For reads: whoever comes meanwhile gets on without. */
  const noteSoon = async () => {
    if (isNoting) return
    isNoting = true
    await note().catch(() => {})
    isNoting = false
  }

  /** The last place in the sequence whose writes a replica has all replayed. */
  const sequenceAt = (lsn: Lsn) => points.findLast((point) => point.lsn <= lsn)?.sequence

  const readOf = (
    chosen: Chosen,
    judge: (recorder: Recorder) => Promise<boolean>,
    isUncertain = false,
  ): ReplicaRead => ({
    isUncertain,
    async run(work, signal) {
      const controller = new AbortController()
      const lose = (reason: string) => controller.abort(new DatabaseUnavailableError(reason))
      const leave = () => controller.abort(signal.reason)
      chosen.onLost(lose)
      const timer = globalThis.setTimeout(lose, runMs, `The replica took longer than ${runMs} ms`)
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
      try {
        // Not waited for: on a server that hangs, a cancelled statement does not end.
        return await untilAborted(work({ source: chosen.source, signal: controller.signal }), controller.signal)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
      }
    },
    async isCurrent(recorder) {
      const isCurrent = chosen.isSame() && (await judge(recorder))
      chosen.done(isCurrent)
      counts[isCurrent ? 'served' : 'outdated']++
      return isCurrent
    },
    fail() {
      counts.failed++
    },
    end: () => chosen.done(false),
  })

  const isInTouch = () => cache.isCurrentSince(cache.sequence, [])

  /** Where servers hear of each other through the database alone, each change puts all of them out of touch for a moment. */
  const getInTouch = async () => {
    const until = performance.now() + waitMs
    while (!isInTouch() && performance.now() < until) await setTimeout(lookEveryMs)
  }

  const choose = async (least: Lsn): Promise<ReplicaRead | undefined> => {
    const newest = points.at(-1)
    const known = newest?.lsn ?? 0n
    // Since the last look it may have come back, and others may have written.
    if (isCutOff() && !(await replicas.askPrimary(askPrimaryMs))) {
      const chosen = await replicas.chooseAlone({ least: known > least ? known : least, waitMs })
      return chosen && readOf(chosen, async () => true, true)
    }
    if (options.isDeaf?.()) return undefined
    if (newest === undefined || newest.sequence < cache.sequence) void noteSoon()
    if (newest === undefined) return undefined
    const chosen = await replicas.choose({ least, wanted: known, waitMs })
    if (chosen === undefined) return undefined
    const sequence = sequenceAt(chosen.lsn)
    if (sequence === undefined) {
      chosen.done(false)
      return undefined
    }
    return readOf(chosen, async ({ reads, unknown }) => {
      // No tag stands for something unknown.
      if (unknown !== undefined) return false
      // Only in touch is it certain that all that was written has been heard of.
      if (!isInTouch()) await getInTouch()
      return cache.isCurrentSince(sequence, [...reads])
    })
  }

  // What others write is not heard of. As long as there is a primary, only it knows.
  const isCutOff = () => !isInTouch() && !replicas.isPrimaryThere()

  return {
    get stamp() {
      // A client gives up a stamp that no answer reaches for a minute, and hits alone would not.
      if (performance.now() - notedAt > renewMs) void noteSoon()
      return stamp
    },
    isCutOff,
    async begin(given) {
      const least = given === undefined ? nowhere : given === stamp ? stampPlace : (stamps.read(given) ?? nowhere)
      const read = await choose(least.lsn)
      if (read === undefined) counts.notBegun++
      return read
    },
    mayRefuse: (given) => replicas.replaced !== undefined || (given !== undefined && isNewer(given, replicas.timeline)),
    async admit(given) {
      const { replaced } = replicas
      if (replaced !== undefined) throw new CannotConnectError(replaced)
      const place = given === undefined || given === stamp ? undefined : stamps.read(given)
      if (place === undefined || (await replicas.knowsTimeline(place.timeline, askPrimaryMs))) return
      throw new CannotConnectError(
        'The primary that this server knows has been replaced, by the Extropy-Stamp of the request',
      )
    },
    era: () => ({ moves, timeline }),
    async noteWrite(since) {
      const place = await note().catch(() => undefined)
      if (place === undefined || moves !== since.moves) return false
      // Behind a pooler nothing else tells of a move.
      return since.timeline === 0 || place.timeline === since.timeline
    },
    async noteRead() {
      const newest = points.at(-1)
      if ((newest !== undefined && newest.sequence >= cache.sequence) || isCutOff()) return
      const controller = new AbortController()
      const late = setTimeout(askPrimaryMs, undefined, { signal: controller.signal })
      await Promise.race([note(), late]).catch(() => {})
      controller.abort()
      late.catch(() => {})
    },
    counts: () => ({ ...counts }),
  }
}
