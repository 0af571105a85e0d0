import type { keysByCommand } from '@extropy/api'
import { apiKeyScopes } from '@extropy/db'
import { type Api, ApiError } from './api.ts'
import { UsageError } from './run-command.ts'

export type ListedKey = Awaited<ReturnType<typeof keysByCommand>>[number]

interface Values {
  readonly user?: string
  readonly scope: string
  readonly email?: string
  readonly name?: string
  readonly 'rate-limit'?: string
  readonly overlap: string
}

interface Print {
  show(key: string, said: string): void
  printKeys(keys: readonly ListedKey[]): void
}

interface User {
  readonly id: string
  readonly username: string
}

/** What `pnpm keys` does, by the server that has the database open. @throws ApiError */
export async function keysThroughApi(
  api: Api,
  action: string,
  prefix: string | undefined,
  values: Values,
  { show, printKeys }: Print,
): Promise<void> {
  const { user: username, scope, name, overlap } = values
  if (username === undefined) throw new UsageError(`beside a running server ${action} needs --user: the key's owner`)
  const found = await findUser(api, username)
  if (action === 'create') {
    const user = found ?? (await createUser(api, username, values.email))
    const scopes = apiKeyScopes.slice(0, apiKeyScopes.indexOf(scope as 'read') + 1)
    const limit = values['rate-limit']
    const { key } = await api.call<{ key: string }>('POST', '/api/keys', {
      userId: user.id,
      name: name ?? `${scope} key`,
      scopes,
      ...(limit === undefined ? {} : { rateLimitPerHour: Number(limit) }),
    })
    return show(key, `${found ? 'User' : 'New user'} ${user.username} (${user.id}), scopes ${scopes.join(', ')}.`)
  }
  if (found === undefined) throw new ApiError(`user: there is no user ${username}`, 404)
  const answer = await api.call<{ items: Omit<ListedKey, 'username'>[] }>(
    'GET',
    `/api/keys?userId=${found.id}&limit=100`,
  )
  const items = answer.items.map((key) => ({ ...key, username: found.username }))
  if (action === 'list') return printKeys(items)
  const key = items.find((each) => each.prefix === prefix)
  if (key === undefined) throw new ApiError(`prefix: no key of ${username} begins with ${prefix}`, 404)
  if (action === 'revoke') {
    await api.call('DELETE', `/api/keys/${key.id}`)
    process.stderr.write(`Revoked: ${prefix}, "${key.name}".\n`)
    return
  }
  const overlapSeconds = Number(overlap)
  const next = await api.call<{ key: string }>('POST', `/api/keys/${key.id}/rotate`, { overlapSeconds })
  show(next.key, `It replaces ${prefix}, which works for ${overlapSeconds} seconds more.`)
}

async function findUser(api: Api, username: string): Promise<User | undefined> {
  try {
    return await api.call<User>('GET', `/api/users/by-username/${encodeURIComponent(username)}`)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

function createUser(api: Api, username: string, email = `${username.toLowerCase()}@users.invalid`): Promise<User> {
  return api.call('POST', '/api/users', { username, email })
}
