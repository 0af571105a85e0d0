import { randomBytes } from 'node:crypto'

/** A caller's own id is kept where it can do no harm in a log or a header. */
export function safeRequestId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{1,100}$/.test(id) ? id : undefined
}

const thisProcess = randomBytes(6).toString('hex')
let made = 0

/** Unique among all servers and starts: a random name of this process, and a count. */
export function newRequestId(): string {
  return `${thisProcess}-${(++made).toString(36)}`
}
