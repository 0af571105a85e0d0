import { randomUUID } from 'node:crypto'
import { createClient } from '@redis/client'
import { describe } from 'vitest'

/** A real Redis for tests, or undefined: then vitest.config.ts says in one line that the tests that need it are not run. */
const redisUrl = process.env.TEST_REDIS_URL

/** The tests of one subject on a real Redis, where there is one. */
export function describeRedis(name: string, tests: (url: string) => void): void {
  if (redisUrl !== undefined) describe(name, () => tests(redisUrl))
}

/** Key prefixes of this run begin with this. */
export const newPrefix = (): string => `test:${randomUUID()}`

/** Runs one command on a connection of its own. */
export async function command(url: string, ...args: string[]): Promise<unknown> {
  const client = createClient({ url })
  await client.connect()
  try {
    return await client.sendCommand(args)
  } finally {
    client.destroy()
  }
}

/** Deletes every key under a prefix. */
export async function deletePrefix(url: string, prefix: string): Promise<void> {
  const client = createClient({ url })
  await client.connect()
  for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1000 }))
    if (keys.length > 0) await client.del(keys)
  client.destroy()
}
