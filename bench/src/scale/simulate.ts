import { createEventQueue } from './event-queue.ts'

/** Something with its own queue, such as a process with one thread or a pool with so many connections. */
export interface Station {
  readonly name: string
  /** Requests that it works on at once. */
  readonly places: number
  /** The machine whose cores it works on; without one, each of its places has a core of its own. */
  readonly machine?: string
}

/** One stay at a station. */
export interface Step {
  readonly station: string
  readonly serviceUs: number
}

export interface Model {
  readonly stations: readonly Station[]
  /** Cores by machine. */
  readonly machines?: Readonly<Record<string, number>>
  /** The way of the next request, its service times drawn. */
  readonly nextRequest: () => readonly Step[]
}

export type Arrivals =
  /** So many callers, each with its next request as soon as the last one is answered. */
  | { readonly callers: number }
  /** Requests that come by themselves; `random` from 0 to 1 makes a Poisson process of that rate. */
  | { readonly perSecond: number; readonly random: () => number }

export interface Simulated {
  readonly requests: number
  readonly perSecond: number
  readonly latenciesUs: readonly number[]
  /** Of each station's places, the share of the time that they were worked on. */
  readonly busyShare: Readonly<Record<string, number>>
}

interface Job {
  readonly steps: readonly Step[]
  readonly arrivedUs: number
  at: number
}

interface Queue {
  free: number
  readonly waiting: Job[]
  busyUs: number
}

/**
 * A discrete-event simulation: requests pass stations in order, first come first served; a place at a station needs a core of
 * its machine, for which it waits in turn. Deterministic for a seeded source of numbers. The first tenth of `requests` is
 * not counted: queues fill up meanwhile.
 */
export function simulate(model: Model, arrivals: Arrivals, requests: number): Simulated {
  const events = createEventQueue()
  const stations = new Map(model.stations.map((each) => [each.name, { ...each, ...queueOf(each.places) }]))
  const machines = new Map(Object.entries(model.machines ?? {}).map(([name, cores]) => [name, queueOf(cores)]))
  const warmUp = Math.ceil(requests / 10)
  const latenciesUs: number[] = []
  let done = 0
  let countedFromUs = 0

  const stationOf = (job: Job) => {
    const name = job.steps[job.at]?.station ?? ''
    const station = stations.get(name)
    if (station === undefined) throw new Error(`no station is named ${name}`)
    return station
  }
  const arrive = () => enter({ steps: model.nextRequest(), arrivedUs: events.nowUs(), at: 0 })
  const enter = (job: Job) => {
    const station = stationOf(job)
    if (station.free === 0) station.waiting.push(job)
    else {
      station.free--
      askForCore(job)
    }
  }
  const askForCore = (job: Job) => {
    const machine = machines.get(stationOf(job).machine ?? '')
    if (machine === undefined) work(job)
    else if (machine.free === 0) machine.waiting.push(job)
    else {
      machine.free--
      work(job)
    }
  }
  const work = (job: Job) => {
    const serviceUs = job.steps[job.at]?.serviceUs ?? 0
    stationOf(job).busyUs += serviceUs
    events.after(serviceUs, () => leave(job))
  }
  const leave = (job: Job) => {
    const station = stationOf(job)
    const machine = machines.get(station.machine ?? '')
    const next = station.waiting.shift()
    if (next === undefined) station.free++
    if (machine !== undefined) {
      const runs = machine.waiting.shift()
      if (runs === undefined) machine.free++
      else work(runs)
    }
    if (next !== undefined) askForCore(next)
    job.at++
    if (job.at < job.steps.length) return enter(job)
    finish(job)
  }
  const finish = (job: Job) => {
    done++
    if (done === warmUp) {
      countedFromUs = events.nowUs()
      for (const station of stations.values()) station.busyUs = 0
    } else if (done > warmUp) latenciesUs.push(events.nowUs() - job.arrivedUs)
    if ('callers' in arrivals) arrive()
  }

  if ('callers' in arrivals) for (let caller = 0; caller < arrivals.callers; caller++) arrive()
  else {
    const { perSecond, random } = arrivals
    const next = () => {
      arrive()
      events.after((-Math.log(1 - random()) / perSecond) * 1e6, next)
    }
    next()
  }
  while (done < requests && events.step());
  const spentUs = events.nowUs() - countedFromUs
  return {
    requests: latenciesUs.length,
    perSecond: (latenciesUs.length / spentUs) * 1e6,
    latenciesUs,
    busyShare: Object.fromEntries([...stations].map(([name, { busyUs, places }]) => [name, busyUs / places / spentUs])),
  }
}

const queueOf = (places: number): Queue => ({ free: places, waiting: [], busyUs: 0 })
