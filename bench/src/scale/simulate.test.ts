import { expect, test } from 'vitest'
import { mean, seeded } from '../ratio.ts'
import { type Model, type Step, simulate } from './simulate.ts'

const exponential = (random: () => number, meanUs: number) => -Math.log(1 - random()) * meanUs
const serviceUs = 1_000
const requests = 400_000

/** One station of so many places, and requests at this share of what it can do. */
function queue(places: number, load: number, service: (random: () => number) => number) {
  const random = seeded(1)
  const model: Model = {
    stations: [{ name: 's', places }],
    nextRequest: () => [{ station: 's', serviceUs: service(random) }],
  }
  const perSecond = (load * places * 1e6) / serviceUs
  const { latenciesUs, busyShare } = simulate(model, { perSecond, random: seeded(2) }, requests)
  return { waitUs: mean(latenciesUs) - serviceUs, latenciesUs, busy: busyShare.s as number }
}

/** Erlang C: the share of requests that wait, of `places` at `load`. */
function shareThatWaits(places: number, load: number): number {
  const offered = load * places
  let blocked = 1
  for (let n = 1; n <= places; n++) blocked = (offered * blocked) / (n + offered * blocked)
  return blocked / (1 - load * (1 - blocked))
}

test.each([
  [1, 0.5],
  [1, 0.8],
  [2, 0.7],
  [4, 0.8],
])('M/M/%i at %f of its load waits as long as theory has it', (places, load) => {
  const { waitUs, busy } = queue(places, load, (random) => exponential(random, serviceUs))
  const theory = (shareThatWaits(places, load) * serviceUs) / (places * (1 - load))
  expect(waitUs / theory).toBeGreaterThan(0.95)
  expect(waitUs / theory).toBeLessThan(1.05)
  expect(busy).toBeCloseTo(load, 1)
})

test('M/M/1: the 99th percentile of the whole stay is ln 100 times its mean', () => {
  const { latenciesUs } = queue(1, 0.6, (random) => exponential(random, serviceUs))
  const p99 = latenciesUs.toSorted((a, b) => a - b)[Math.floor(latenciesUs.length * 0.99)] as number
  expect(p99 / ((Math.log(100) * serviceUs) / 0.4)).toBeCloseTo(1, 1)
})

test('M/D/1 waits half as long as M/M/1', () => {
  const { waitUs } = queue(1, 0.8, () => serviceUs)
  expect(waitUs / ((0.8 / 0.2) * serviceUs * 0.5)).toBeCloseTo(1, 1)
})

const both = (first: number, second: number) => (): Step[] => [
  { station: 'a', serviceUs: first },
  { station: 'b', serviceUs: second },
]

test('callers in a closed loop get no more than the slowest station gives, and all of that', () => {
  const stations = ['a', 'b'].map((name) => ({ name, places: 1 }))
  const { perSecond, latenciesUs, busyShare } = simulate(
    { stations, nextRequest: both(100, 250) },
    { callers: 10 },
    10_000,
  )
  expect(perSecond).toBeCloseTo(4_000, -1)
  expect(busyShare.b).toBeCloseTo(1, 3)
  // Little's law: callers = requests a second × stay.
  expect((perSecond * mean(latenciesUs)) / 1e6).toBeCloseTo(10, 1)
})

test('stations on one machine share its cores', () => {
  const on = (cores: number) =>
    simulate(
      {
        stations: ['a', 'b'].map((name) => ({ name, places: 1, machine: 'm' })),
        machines: { m: cores },
        nextRequest: both(200, 200),
      },
      { callers: 10 },
      10_000,
    ).perSecond
  expect(on(1)).toBeCloseTo(2_500, -1)
  expect(on(2)).toBeCloseTo(5_000, -1)
})

test('the same seed gives the same result', () => {
  const once = () => queue(2, 0.9, (random) => exponential(random, serviceUs)).waitUs
  expect(once()).toBe(once())
})
