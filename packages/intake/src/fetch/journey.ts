import type { Journey, Redirect } from './fetched.ts'

/** Where an attempt has been so far. */
export class AttemptJourney {
  readonly redirects: Redirect[] = []
  readonly #requestedUrl: string
  #url: string
  #timings: { connectMs?: number; headersMs?: number } = {}
  #wireBytes = 0

  constructor(requestedUrl: string) {
    this.#requestedUrl = requestedUrl
    this.#url = requestedUrl
  }

  at(url: string) {
    this.#url = url
    this.#timings = {}
  }

  redirected(redirect: Omit<Redirect, 'permanent'>) {
    this.redirects.push({ ...redirect, permanent: redirect.status === 301 || redirect.status === 308 })
  }

  time(timings: { connectMs?: number; headersMs?: number }) {
    this.#timings = { ...this.#timings, ...timings }
  }

  received(bytes: number) {
    this.#wireBytes += bytes
  }

  end(totalMs: number): Journey {
    const temporary = this.redirects.findIndex(({ permanent }) => !permanent)
    const moves = temporary === -1 ? this.redirects : this.redirects.slice(0, temporary)
    const movedTo = moves.at(-1)?.to
    return {
      requestedUrl: this.#requestedUrl,
      url: this.#url,
      redirects: [...this.redirects],
      ...(movedTo !== undefined && { movedTo }),
      timings: { totalMs, ...this.#timings },
      wireBytes: this.#wireBytes,
    }
  }
}
