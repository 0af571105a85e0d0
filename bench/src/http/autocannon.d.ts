/** What `run-autocannon.ts` uses of it: autocannon 9 brings no types of its own. */
declare module 'autocannon' {
  interface Result {
    readonly requests: { readonly total: number }
    readonly latency: { readonly p50: number; readonly p99: number }
    readonly duration: number
    readonly errors: number
    readonly non2xx: number
  }
  function autocannon(options: {
    readonly url: string
    readonly requests?: readonly object[]
    readonly connections: number
    readonly pipelining: number
    readonly duration: number
  }): Promise<Result>
  export = autocannon
}
