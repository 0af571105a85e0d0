import { countPassages, type EmbedderError, embedPassages } from '@extropy/api'
import type { OpenDeps } from './open-deps.ts'
import { createVectorBar } from './progress-bar.ts'

/**
 * Gives stored passages their vectors, with a progress bar, until all have one or Ctrl-C is pressed. What is left is the server's
 * to go on with.
 *
 * @throws EmbedderError
 */
export async function embedStored(deps: OpenDeps, out: NodeJS.WriteStream): Promise<void> {
  const { waiting } = await countPassages(deps.db, deps.embeddingModel)
  if (waiting === 0) return
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  const bar = createVectorBar(out, waiting)
  const onRefused = ({ title }: { readonly title: string }, { message }: EmbedderError) =>
    out.write(`A passage of «${title}» has no vector: the embedding model refuses it: ${message}\n`)
  try {
    const read = await embedPassages(deps, { signal: stop.signal, onProgress: bar.update, onRefused })
    bar.finish(read)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
  const { waiting: left } = await countPassages(deps.db, deps.embeddingModel)
  if (left > 0)
    out.write(
      `${left} passages wait for their vectors: the server makes them, or \`pnpm ingest\` when it is run again.\n`,
    )
}
