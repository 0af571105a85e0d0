import { issueKey, keysByCommand, revokeByCommand, rotateByCommand } from '@extropy/api'
import { type ApiKeyScope, apiKeyScopes, type DatabaseHandle, migrate } from '@extropy/db'
import { serverApi } from './api.ts'
import { keysThroughApi, type ListedKey } from './keys-through-api.ts'
import { formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { findHolder } from './server-door.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm keys create --user NAME [--scope read|write|admin] [--email ADDRESS] [--name TEXT] [--rate-limit N]
       pnpm keys list [--user NAME]
       pnpm keys revoke PREFIX
       pnpm keys rotate PREFIX [--overlap SECONDS]

API keys of the database of DATABASE_URL. create makes one for a user, and the user where none has that name. Each scope
includes those before it; the default is write. The rate limit is in requests an hour, by default 1000. rotate makes a key's
successor; the old key works for an hour more, or for --overlap seconds. A new key is printed once, alone on standard
output. list shows a user's keys, or everyone's; PREFIX is a key's beginning, as list shows it. Where a server has the embedded database open, it is
asked; list, revoke and rotate then need --user, the key's owner.
`

const options = {
  user: { type: 'string' },
  scope: { type: 'string', default: 'write' },
  email: { type: 'string' },
  name: { type: 'string' },
  'rate-limit': { type: 'string' },
  overlap: { type: 'string', default: '3600' },
} as const

type Run = (database: DatabaseHandle) => Promise<void>

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const [action = '', prefix, ...more] = positionals
  if (more.length > 0) throw new UsageError('one action at a time, for one key')
  const run = actionOf(action, prefix, values)
  const holder = findHolder()
  if (holder !== undefined) {
    await keysThroughApi(serverApi(holder), action, prefix, values, { show, printKeys })
    return 0
  }
  await withDatabase(async (database) => {
    await migrate(database, { vectorIndexes: false })
    await run(database)
  })
  return 0
})

type Values = { readonly user?: string; readonly scope: string; readonly email?: string; readonly name?: string } & {
  readonly 'rate-limit'?: string
  readonly overlap: string
}

/** @throws UsageError */
function actionOf(action: string, prefix: string | undefined, values: Values): Run {
  const { user: username, scope, email, name, overlap } = values
  if (action === 'create' || action === 'list') {
    if (prefix !== undefined) throw new UsageError(`${action} takes no ${prefix}`)
    if (action === 'list') return ({ db }) => list(db, username)
    if (username === undefined) throw new UsageError('--user is required: the owner of the key')
    if (!isScope(scope)) throw new UsageError(`--scope must be one of ${apiKeyScopes.join(', ')}`)
    const rateLimitPerHour = values['rate-limit'] === undefined ? undefined : Number(values['rate-limit'])
    return async ({ db }) => {
      const { user, isNewUser, scopes, key } = await issueKey(db, { username, scope, email, name, rateLimitPerHour })
      show(key, `${isNewUser ? 'New user' : 'User'} ${user.username} (${user.id}), scopes ${scopes.join(', ')}.`)
    }
  }
  if (action !== 'revoke' && action !== 'rotate')
    throw new UsageError('the actions are create, list, revoke and rotate')
  if (prefix === undefined) throw new UsageError(`${action} needs the key's PREFIX: keys list shows it`)
  if (action === 'revoke') {
    return async ({ db }) => {
      const { name } = await revokeByCommand(db, prefix)
      process.stderr.write(`Revoked: ${prefix}, "${name}".\n`)
    }
  }
  const seconds = Number(overlap)
  if (!/^\d{1,7}$/.test(overlap)) throw new UsageError('--overlap must be a whole number of seconds')
  return async ({ db }) => {
    const { key } = await rotateByCommand(db, prefix, seconds)
    show(key, `It replaces ${prefix}, which works for ${seconds} seconds more.`)
  }
}

async function list(db: DatabaseHandle['db'], username: string | undefined): Promise<void> {
  printKeys(await keysByCommand(db, username))
}

function printKeys(keys: readonly ListedKey[]): void {
  const rows = keys.map((key) => ({
    prefix: key.prefix,
    user: key.username,
    name: key.name,
    scopes: key.scopes.join(','),
    'per hour': key.rateLimitPerHour,
    state: stateOf(key),
    'last used': key.lastUsedAt ?? 'never',
    created: key.createdAt,
  }))
  process.stdout.write(formatTable(rows))
}

function stateOf({ isRevoked, expiresAt }: { isRevoked: boolean; expiresAt: string | null }): string {
  if (isRevoked) return 'revoked'
  if (expiresAt === null) return 'works'
  return `${Date.parse(expiresAt) <= Date.now() ? 'ended' : 'works until'} ${expiresAt}`
}

function show(key: string, said: string): void {
  process.stderr.write(`${said} Keep the key: it is not shown again.\n`)
  process.stdout.write(`${key}\n`)
}

function isScope(text: string): text is ApiKeyScope {
  return (apiKeyScopes as readonly string[]).includes(text)
}
