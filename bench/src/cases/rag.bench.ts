import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { run, startServer } from '@extropy/server/testing'
import type { BenchCase } from '../bench-case.ts'
import { eachDatabase } from '../databases.ts'
import { quantile } from '../quantiles.ts'
import { record } from '../results.ts'

const sample = fileURLToPath(new URL('../../../apps/server/sample/posts.jsonl.gz', import.meta.url))

/**
 * Ingests a file by the command line, then asks the server over HTTP, embedder included, from a process of its own.
 * The prompts are the titles of the file's own posts. `--file FILE`: another file than the bundled sample.
 */
export const bench: BenchCase = {
  title: 'ingest of a file, then /query/rag over HTTP',
  async run({ quick, options }) {
    const file = typeof options.file === 'string' ? options.file : sample
    const prompts = titlesOf(file)
    const requests = quick ? 200 : 1000

    await eachDatabase(async (name, DATABASE_URL) => {
      const startedAt = performance.now()
      const ingest = run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL })
      if ((await ingest.exit()) !== 0) throw new Error(ingest.output())
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      process.stdout.write(
        `${name}: ${ingest.output().trim().split('\n').at(-1)}\n  whole command, with start-up and vector index: ${seconds} s\n`,
      )

      const server = await startServer({ DATABASE_URL, LOG_LEVEL: 'warn' })
      await ask(server.url, prompts, 50, 1)
      for (const callers of [1, 16]) {
        const { latenciesMs, perSecond } = await ask(server.url, prompts, requests, callers)
        record({
          suite: 'rag',
          name: `POST /query/rag, ${callers} callers`,
          contender: name,
          unit: 'ms',
          value: quantile(latenciesMs, 0.5),
          samples: latenciesMs,
        })
        const [p50, p99] = [0.5, 0.99].map((q) => quantile(latenciesMs, q).toFixed(1))
        process.stdout.write(
          `  /query/rag, ${callers} callers, ${requests} requests: p50 ${p50} ms, p99 ${p99} ms, ${perSecond.toFixed(0)}/s\n`,
        )
      }
      server.child.kill('SIGTERM')
      await server.exit()
    })
  },
}

async function ask(url: string, prompts: readonly string[], requests: number, callers: number) {
  const latenciesMs: number[] = []
  let next = 0
  const startedAt = performance.now()
  const caller = async () => {
    while (next < requests) {
      const prompt = prompts[next++ % prompts.length]
      const sentAt = performance.now()
      const response = await fetch(`${url}/query/rag`, {
        method: 'POST',
        // Searches, not answers that were kept from the ones before.
        headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
        body: JSON.stringify({ prompt }),
      })
      const answer = await response.text()
      if (response.status !== 200) throw new Error(`«${prompt}»: ${response.status} ${answer}`)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { latenciesMs, perSecond: (requests / (performance.now() - startedAt)) * 1000 }
}

function titlesOf(file: string): string[] {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { title: string }).title)
}
