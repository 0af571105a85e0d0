/** Gives the lane back. A server that asked for a longer pause (Retry-After) gets it. */
export type Release = (pauseMs?: number) => void

/**
 * One lane a host, one request in flight in it. This is the whole contract: lanes that several processes share keep it over a store
 * of their own.
 */
export interface HostLanes {
  /**
   * Waits for the host's lane to be free, in order of arrival, and for `minIntervalMs` to have passed since it was last given back;
   * rejects with the signal's reason. The caller must give it back.
   *
   * The interval counts from the end of the request before. Counted from start to start, a slow and a fast connection would arrive
   * closer together at the server than was promised.
   */
  acquire(host: string, minIntervalMs: number, signal?: AbortSignal): Promise<Release>
  /** The least that a request asking now would wait: 0 for a free lane. Others may come first. */
  waitMs(host: string, minIntervalMs: number): Promise<number>
}

/** `example.org:443`: the lane of an address. */
export function laneOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}
