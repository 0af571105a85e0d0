import { onServer } from '../../db/generated-database.ts'
import { onStop } from '../../stop.ts'

/** A copy of a database, dropped afterwards: what writes must leave no traces for the other parts and the next run. */
export async function withCopy(url: string, work: (copyUrl: string) => Promise<void>): Promise<void> {
  const source = new URL(url).pathname.slice(1)
  const name = `extropy_bench_replay_${process.pid}`
  const maintenanceUrl = Object.assign(new URL(url), { pathname: '/postgres' }).href
  const drop = () => onServer(maintenanceUrl, `drop database if exists ${name} with (force)`)
  const dropped = onStop(drop)
  try {
    // Nobody can copy a database that somebody is connected to; the servers of the parts before may just be ending.
    await onServer(maintenanceUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${source}'`)
    await onServer(maintenanceUrl, `create database ${name} template ${source}`)
    await work(Object.assign(new URL(url), { pathname: `/${name}` }).href)
  } finally {
    await drop()
    dropped()
  }
}
