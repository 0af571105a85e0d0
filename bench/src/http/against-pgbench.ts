import { onServer } from '../db/generated-database.ts'
import { preparePgbench, runPgbenchSelect } from '../pgbench.ts'
import { skip } from '../results.ts'
import { http, reportSeries } from './comparison.ts'
import { hasProgram } from './has-program.ts'
import { type HttpRequest, send } from './http-request.ts'
import { type Entry, measureInTurns, underLoad } from './rounds.ts'
import { startExtropy } from './servers.ts'
import type { Suite } from './suite.ts'
import { asFresh } from './uncached.ts'

const callers = 16
/** Ends as `dropDatabasesOf` expects, for runs that are stopped. */
const pgbenchDatabase = `extropy_bench_http_pgbench_${process.pid}`
const pgbenchName = 'pgbench -M prepared -S'

/** The replaced service's slowest reads, uncached, beside what the same PostgreSQL does for pgbench's primary-key look-up. */
export async function benchAgainstPgbench(suite: Suite): Promise<void> {
  if (!hasProgram('pgbench')) {
    skip('reads against pgbench', 'pgbench is not installed')
    return
  }
  const { data, tool } = suite
  const { cardId, count } = data.attributed
  const path = `/api/attributions/${cardId}`
  const reads: { name: string; requests: HttpRequest[]; atLeast: number }[] = [
    { name: `attributions, 20 of a card's ${count}`, requests: [{ path }], atLeast: 0.03 },
    { name: `attributions, 100 of a card's ${count}`, requests: [{ path: `${path}?limit=100` }], atLeast: 0.03 },
    {
      name: 'token statistics',
      requests: data.userIds.map((id) => ({ path: `/api/tokens/stats/${id}` })),
      atLeast: 0.08,
    },
  ]
  const pgbenchUrl = Object.assign(new URL(data.url), { pathname: `/${pgbenchDatabase}` }).href
  await onServer(data.url, `drop database if exists ${pgbenchDatabase} with (force)`)
  await onServer(data.url, `create database ${pgbenchDatabase}`)
  const server = await startExtropy('Extropy', { databaseUrl: data.url, port: suite.port })
  try {
    await preparePgbench(pgbenchUrl)
    const pgbench: Entry = {
      name: pgbenchName,
      isLimit: true,
      measure: async (seconds) => ({ perSecond: await runPgbenchSelect(pgbenchUrl, seconds) }),
    }
    const entries: Entry[] = []
    for (const { name, requests } of reads) {
      const fresh = requests.map((request) => asFresh(request, data.key))
      const { status, text } = await send(server.url, fresh[0] as HttpRequest)
      if (status !== 200) throw new Error(`${name}: ${status} ${text.slice(0, 500)}`)
      entries.push({ ...underLoad(tool, server, fresh, { callers }), name })
    }
    const series = await measureInTurns([pgbench, ...entries], suite)
    reportSeries(
      http,
      `uncached, beside pgbench, ${callers} callers`,
      series,
      reads.map(({ name, atLeast }) => ({ of: name, to: pgbenchName, atLeast })),
    )
  } finally {
    await server.close()
    await onServer(data.url, `drop database if exists ${pgbenchDatabase} with (force)`)
  }
}
