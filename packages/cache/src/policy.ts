import type { StoreOptions } from './read-options.ts'

/** How one kind of value is cached: declared once, beside the query that loads it. */
export interface Policy<Input, T> extends Omit<StoreOptions<T>, 'tags' | 'namespace'> {
  /** In front of every key, and the namespace in `stats()`. */
  readonly name: string
  /** Everything that the value depends on, in one string. */
  readonly key: (input: Input) => string
  /** What the value depends on, as far as the input tells. */
  readonly tags?: (input: Input) => readonly string[]
  /** What else it depends on, as the value tells. */
  readonly tagsOf?: (value: T, input: Input) => readonly string[]
}

/**
 * Gives a policy its types.
 *
 * @example
 * const cardById = definePolicy<string, Card | undefined>({ name: 'card', key: (id) => id, ttlMs: 60_000, tags: (id) => [`card:${id}`] })
 * const card = await cache.fetch(cardById, id, () => findCard(db, id))
 */
export function definePolicy<Input, T>(policy: Policy<Input, T>): Policy<Input, T> {
  return Object.freeze({ ...policy })
}
