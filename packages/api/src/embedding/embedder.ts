/** Turns text into vectors. Calls may run side by side; the order of the answers is that of the texts. */
export interface Embedder {
  /** Recorded with every vector: vectors of different names are never compared. */
  readonly model: string
  readonly dimension: number
  /** The vector leg's share of a search's score, 0 to 1: how far this model is trusted beside BM25. */
  readonly vectorWeight: number
  /**
   * One unit-length vector per text, or undefined where the model knows none of the text's words. A text that is longer
   * than the model reads is cut. With `background`, the default of which is false, nobody waits for the answer, and
   * calls without it go first.
   *
   * @throws EmbedderError when the provider cannot answer, or answers with another dimension.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<(Float32Array | undefined)[]>
  close(): Promise<void>
}

export interface EmbedOptions {
  readonly signal?: AbortSignal | undefined
  readonly background?: boolean
}

/** The embedding provider failed, after its retries; the message says what to check. */
export class EmbedderError extends Error {
  override readonly name = 'EmbedderError'
  /** The provider is there, but does not take one of the texts. */
  readonly refusesText: boolean

  constructor(message: string, { refusesText = false, cause }: { refusesText?: boolean; cause?: unknown } = {}) {
    super(message, { cause })
    this.refusesText = refusesText
  }
}

/** pgvector's text form. Six digits are more than a halfvec keeps. */
export function toVectorLiteral(vector: Float32Array): string {
  return `[${Array.from(vector, (component) => Number(component.toFixed(6))).join(',')}]`
}

/** Scales to length 1; undefined for a vector of zeros, which has no direction. */
export function toUnitLength(vector: Float32Array): Float32Array | undefined {
  const length = Math.hypot(...vector)
  return length > 0 && Number.isFinite(length) ? vector.map((component) => component / length) : undefined
}
