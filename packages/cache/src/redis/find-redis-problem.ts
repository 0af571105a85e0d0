import { createClient } from '@redis/client'

/**
 * The reason why this Redis can never be a shared store, such as `is a node of a Redis Cluster: …` or `refuses the user and
 * password …`. `undefined` for one that can, and for one that cannot be asked now: it may be there later. Takes at most `timeoutMs`, 2000 by default.
 */
export async function findRedisProblem(url: string, { timeoutMs = 2_000 } = {}): Promise<string | undefined> {
  const client = createClientOrReason(url, timeoutMs)
  if (typeof client === 'string') return client
  let over = false
  client.on('error', () => undefined)
  // A client that is destroyed while its socket connects would go on with it.
  client.on('connect', () => over && client.destroy())
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, '')
  })
  try {
    const asked = client.connect().then(() => client.sendCommand(['INFO', 'server']))
    asked.catch(() => undefined)
    return problemOf(String(await Promise.race([asked, late])))
  } catch (error) {
    return refusalOf(String((error as Error).message))
  } finally {
    over = true
    clearTimeout(timer)
    if (client.isOpen) client.destroy()
  }
}

function createClientOrReason(url: string, connectTimeout: number) {
  try {
    return createClient({ url, disableOfflineQueue: true, socket: { connectTimeout, reconnectStrategy: false } })
  } catch (error) {
    return `is no URL of a Redis, such as redis://host:6379/0 (${(error as Error).message})`
  }
}

function refusalOf(message: string): string | undefined {
  if (!/^(WRONGPASS|NOAUTH|ERR AUTH)/.test(message)) return undefined
  return `refuses the user and password that it names, as in redis://user:password@host:6379/0 (${message})`
}

function problemOf(info: string): string | undefined {
  const field = (name: string): string => new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1] ?? ''
  const mode = field('redis_mode')
  if (mode === 'cluster') return 'is a node of a Redis Cluster: use a server with cluster-enabled no'
  if (mode === 'sentinel') return 'is a Sentinel: give the address that leads to the primary that it watches'
  const [major = Number.NaN, minor = 0] = field('redis_version').split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) return `is Redis ${field('redis_version')}: use 6.2 or later`
  return undefined
}
