/** A loader did not settle within `loadTimeoutMs`. Every caller that waited for it gets this error; the next read loads anew. */
export class LoadTimeoutError extends Error {
  override readonly name = 'LoadTimeoutError'
  readonly code = 'CACHE_LOAD_TIMEOUT'
  readonly key: string

  constructor(key: string, loadTimeoutMs: number) {
    super(`The loader of "${key}" did not settle within ${loadTimeoutMs} ms: make it faster or raise loadTimeoutMs`)
    this.key = key
  }
}

/** An option has a value that cannot work. Thrown by the factories, at start. */
export class CacheOptionError extends Error {
  override readonly name = 'CacheOptionError'
  readonly code = 'CACHE_OPTION'
}

/** The shared store did not answer in time. Never reaches a reader: it is counted, emitted and survived. */
export class SharedTimeoutError extends Error {
  override readonly name = 'SharedTimeoutError'
  readonly code = 'CACHE_SHARED_TIMEOUT'

  constructor(operation: string, budgetMs: number) {
    super(`The shared store did not answer ${operation} within ${budgetMs} ms`)
  }
}
