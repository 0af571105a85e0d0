import { seeded } from '../ratio.ts'
import type { ServiceTimes } from './service-times.ts'
import type { Model, Station, Step } from './simulate.ts'

export interface Cluster {
  readonly servers: number
  readonly replicas: number
  readonly databaseCores: number
  readonly writeShare: number
  /** There and back, between caller, server and database. */
  readonly networkUs: number
}

/**
 * Servers of one core each behind something that deals requests out in turn, a primary, and replicas that take the reads in
 * turn. Service times vary as an exponential distribution does. Replicas take what the primary writes too: a replay costs
 * them a third of the write.
 */
export function clusterModel(cluster: Cluster, times: ServiceTimes, seed: number): Model {
  const { servers, replicas, databaseCores, writeShare, networkUs } = cluster
  const random = seeded(seed)
  const about = (meanUs: number) => -Math.log(1 - random()) * meanUs
  const stations: Station[] = [
    { name: 'network', places: Number.MAX_SAFE_INTEGER },
    { name: 'primary', places: databaseCores },
    ...Array.from({ length: servers }, (_, n) => ({ name: `server ${n}`, places: 1 })),
    ...Array.from({ length: replicas }, (_, n) => ({ name: `replica ${n}`, places: databaseCores })),
  ]
  let turn = 0
  const network: Step = { station: 'network', serviceUs: networkUs }
  const nextRequest = (): Step[] => {
    turn++
    const at = (station: string, serviceUs: number): Step => ({ station, serviceUs: about(serviceUs) })
    const server = `server ${turn % servers}`
    if (random() < writeShare) {
      return [network, at(server, times.writeUs), network, at('primary', times.writeDatabaseUs)]
    }
    if (random() < times.hitShare) return [network, at(server, times.hitUs)]
    const database = replicas === 0 ? 'primary' : `replica ${Math.floor(random() * replicas)}`
    const replay = replicas === 0 ? 0 : replayedPerRead(cluster, times)
    return [network, at(server, times.missUs), network, at(database, times.missDatabaseUs + replay)]
  }
  return { stations, nextRequest }
}

/** Each replica replays every write; here it is spread over the reads that it serves. */
function replayedPerRead({ replicas, writeShare }: Cluster, { hitShare, writeDatabaseUs }: ServiceTimes): number {
  const readsOfOne = ((1 - writeShare) * (1 - hitShare)) / replicas
  return (writeShare / readsOfOne) * (writeDatabaseUs / 3)
}
