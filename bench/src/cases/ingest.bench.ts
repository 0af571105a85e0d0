import { once } from 'node:events'
import type { BenchCase } from '../bench-case.ts'
import { forkProgram } from '../children.ts'
import { withDatabase, withFolder } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { median, ratioOfRounds } from '../ratio.ts'
import { record, recordData, skip } from '../results.ts'
import { measureInTurns } from '../rounds.ts'
import { table } from '../table.ts'

const worker = new URL('../ingest/ingest-worker.ts', import.meta.url)

/**
 * Passages a second of an ingest without vectors, into a new database each time: embedded, on PostgreSQL, and two at once on
 * PostgreSQL, with other contents each.
 */
export const bench: BenchCase = {
  title: 'ingest without vectors, into the embedded database and PostgreSQL, alone and two at once',
  parts: ['embedded', 'postgres'],
  async run({ quick, wants }) {
    const contents = quick ? 500 : 2000
    recordData(`${contents} contents a run`)
    const rounds = { rounds: quick ? 1 : 3, seconds: 0 }
    if (wants('embedded')) {
      const measure = () => withFolder((folder) => ingestAtOnce([folder], contents))
      const [series] = await measureInTurns([{ name: 'PGlite', measure }], rounds)
      report('PGlite', series?.rounds.map(({ value }) => value) ?? [], ['ingest without vectors, PGlite: passages/s'])
    }
    if (!wants('postgres')) return
    const serverUrl = process.env.TEST_DATABASE_URL
    if (!serverUrl) return skip('PostgreSQL', 'set TEST_DATABASE_URL')
    const onServer = (name: string, count: number) => ({
      name,
      measure: () =>
        withDatabase(serverUrl, 'ingest', (url) =>
          ingestAtOnce(
            Array.from({ length: count }, () => url),
            contents,
          ),
        ),
    })
    const both = await measureInTurns([onServer('one', 1), onServer('two', 2)], rounds)
    const [one = [], two = []] = both.map((series) => series.rounds.map(({ value }) => value))
    report('PostgreSQL', one, ['ingest without vectors, PostgreSQL: passages/s'])
    report('PostgreSQL, two at once', two, ['two ingests at once / one, PostgreSQL'], one)
  },
}

/** Passages a second of ingests in processes of their own, one a URL, that begin at once. */
async function ingestAtOnce(urls: readonly string[], contents: number) {
  const workers: Awaited<ReturnType<typeof forkProgram>>[] = []
  for (const [n, url] of urls.entries())
    workers.push(await forkProgram(worker, [url, `${n * contents}`, `${contents}`]))
  const messages = Promise.all(workers.map(({ child }) => once(child, 'message')))
  const ends = Promise.all(workers.map(({ child }) => once(child, 'exit')))
  for (const { child } of workers) child.send('go')
  const reports = (await Promise.race([messages, endOf(ends)])).map(([report]) => report as IngestMessage)
  await ends
  const passages = reports.reduce((sum, report) => sum + report.passages, 0)
  return { value: passages / Math.max(...reports.map(({ seconds }) => seconds)) }
}

interface IngestMessage {
  readonly passages: number
  readonly seconds: number
}

/** A worker that ends without a message has failed. */
async function endOf(ends: Promise<unknown[][]>): Promise<never> {
  throw new Error(`an ingest ended with status ${(await ends).map(([status]) => status).join(', ')}`)
}

function report(name: string, values: readonly number[], goals: readonly GoalName[], others?: readonly number[]): void {
  const compared = others === undefined ? undefined : ratioOfRounds(values, others)
  record({
    suite: 'ingest',
    name: 'ingest without vectors',
    contender: name,
    unit: 'passages/s',
    value: median(values),
    samples: values,
    goals,
    ...(compared === undefined ? {} : { ratioTo: 'PostgreSQL', ...compared }),
  })
  const ratio = compared === undefined ? '' : compared.ratio.toFixed(2)
  process.stdout.write(`\n${table([name, 'passages/s', '/ one'], [['', median(values).toFixed(0), ratio]])}`)
}
