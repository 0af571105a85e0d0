import type { Door } from '../door/door-file.ts'
import { readEvents } from './read-events.ts'

/** The REST routes of a server, or of this process. */
export interface Api {
  /** JSON in, JSON out. @throws ApiError */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>
  /** What is saved as a file, as it comes. @throws ApiError */
  download(path: string): Promise<ReadableStream<Uint8Array>>
  /** A stream, until it ends or breaks off. @throws ApiError */
  events<Event>(path: string): AsyncIterable<Event>
}

/** The API said no; the message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

type Send = (path: string, init: RequestInit) => Promise<Response>

/** @throws ApiError where no server answers there */
export function serverApi({ url, key }: Door): Api {
  return createApi(key, async (path, init) => {
    try {
      return await fetch(url + path, init)
    } catch (error) {
      if (error instanceof TypeError) throw new ApiError(`No server answers at ${url}: name another in EXTROPY_URL.`, 0)
      throw error
    }
  })
}

export function createApi(key: string, send: Send): Api {
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await send(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.ok) return response
    const said = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
    throw new ApiError(said?.error?.message ?? `The server answered ${response.status}.`, response.status)
  }
  return {
    async call<Answer>(method: string, path: string, body?: unknown) {
      return (await (await ask(method, path, body)).json()) as Answer
    },
    async download(path) {
      return (await ask('GET', path)).body ?? new ReadableStream()
    },
    async *events<Event>(path: string) {
      const { body } = await ask('GET', path)
      if (body !== null) yield* readEvents<Event>(body)
    },
  }
}
