import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { backgroundNice } from '../background-nice.ts'
import { untilAborted } from '../until-aborted.ts'
import { EmbedderError, type EmbedOptions } from './embedder.ts'

/** After so long without passages their threads, with a model each, go. */
const idleMs = 10_000

/**
 * A model in threads of its own. One is for questions alone, which never wait behind passages; passages leave a core to the rest
 * of the server. The worker takes a text and answers its vector, or undefined; an empty text loads the model.
 */
export function createModelThreads(worker: URL, workerData: unknown) {
  const filename = worker.href
  const questions = new Piscina({ filename, workerData, minThreads: 1, maxThreads: 1 })
  const passages = new Piscina({
    filename,
    workerData,
    minThreads: 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: idleMs,
    niceIncrement: backgroundNice,
  })
  // Loads the model while nobody waits yet; where that fails, the first real call says so.
  questions.run('').catch(() => {})
  return {
    /** @throws EmbedderError */
    async embed(texts: readonly string[], { signal, background = false }: EmbedOptions = {}) {
      try {
        // Text by text: a batch would be no faster, and vectors would depend on their neighbours.
        const vectors = background
          ? Promise.all(texts.map((text) => passages.run(text) as Promise<Vector>))
          : inTurn(questions, texts, signal)
        return await untilAborted(vectors, signal)
      } catch (cause) {
        if (signal?.aborted) throw cause
        throw new EmbedderError(`The local embedder failed: ${(cause as Error).message}`, { cause })
      }
    },
    /** Texts that are at work are finished first: a thread that ends inside the runtime takes the process with it. */
    async close() {
      await Promise.all([questions.close(), passages.close()])
    },
  }
}

type Vector = Float32Array | undefined

/** So many texts stand in the way of another question at most: one by one, the thread would idle between them. */
const mostAtOnce = 4

/** A few texts at a time: a question does not wait for all the sentences of another one's answer. */
async function inTurn(threads: Piscina, texts: readonly string[], signal: AbortSignal | undefined): Promise<Vector[]> {
  const vectors: Vector[] = []
  for (let start = 0; start < texts.length; start += mostAtOnce) {
    signal?.throwIfAborted()
    const some = texts.slice(start, start + mostAtOnce)
    vectors.push(...(await Promise.all(some.map((text) => threads.run(text)))))
  }
  return vectors
}
