import type { Results } from '../report/load-results.ts'

/** What one request costs, in µs of a core. */
export interface ServiceTimes {
  readonly hitUs: number
  readonly missUs: number
  readonly missDatabaseUs: number
  readonly writeUs: number
  readonly writeDatabaseUs: number
  /** Of reads. */
  readonly hitShare: number
}

const list = 'uncached: 20 cards with their users, 16 callers'

/**
 * Service times from the report. A server's own are measured as processor time; what the database takes is what is left of
 * the machine's two cores at saturation, and so holds the load generator's share too: rather too much than too little.
 */
export function serviceTimes({ figures }: Pick<Results, 'figures'>): ServiceTimes {
  const find = (name: string, contender: string) => {
    const found = figures.find((each) => each.name === name && each.contender === contender)
    if (found === undefined) throw new Error(`no result is named ${name}, ${contender}: run pnpm bench http and ledger`)
    return found
  }
  const of = (name: string, contender: string) => find(name, contender).value
  const wholeUs = (name: string, contender: string) => {
    const { value, file } = find(name, contender)
    return ((file?.machine.cores ?? 2) * 1e6) / value
  }
  const missUs = of(`${list}, CPU time`, 'Extropy, REST')
  const writeUs = of('uncached: a balance, 16 callers, CPU time', 'Extropy, REST')
  return {
    hitUs: of('cached: GET /api/cards, 32 connections, CPU time', 'Extropy'),
    missUs,
    missDatabaseUs: wholeUs(list, 'Extropy, REST') - missUs,
    // No figure has a write's own: as a request with a key takes; the rest of a transfer is the database's.
    writeUs,
    writeDatabaseUs: wholeUs('transfers, 16 callers', 'tokens.transfer, spread') - writeUs,
    hitShare: of('replay: hit rate', 'Extropy') / 100,
  }
}

/** Core seconds that a million requests take, of the servers and of the databases. */
export function costOfAMillion(times: ServiceTimes, writeShare: number): { server: number; database: number } {
  const misses = (1 - writeShare) * (1 - times.hitShare)
  const hits = (1 - writeShare) * times.hitShare
  return {
    server: hits * times.hitUs + misses * times.missUs + writeShare * times.writeUs,
    database: misses * times.missDatabaseUs + writeShare * times.writeDatabaseUs,
  }
}
