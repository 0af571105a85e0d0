import { issueKey } from '@extropy/api'
import { type ApiKeyScope, apiKeyScopes, migrate } from '@extropy/db'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm keys create --user NAME [--scope read|write|admin] [--email ADDRESS] [--name TEXT] [--rate-limit N]

Makes an API key for a user of the database of DATABASE_URL, and the user too where there is none of that name. The key
is printed once, alone on standard output. Each scope holds those before it; the default is write. The rate limit is in
requests an hour, by default 1000. The embedded database belongs to one process: stop the server first.
`

const options = {
  user: { type: 'string' },
  scope: { type: 'string', default: 'write' },
  email: { type: 'string' },
  name: { type: 'string' },
  'rate-limit': { type: 'string' },
} as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const { user: username, scope, email, name } = values
  if (positionals.join() !== 'create') throw new UsageError('the one action is create')
  if (username === undefined) throw new UsageError('--user names whose key it is')
  if (!isScope(scope)) throw new UsageError(`--scope must be one of ${apiKeyScopes.join(', ')}`)
  const rateLimitPerHour = values['rate-limit'] === undefined ? undefined : Number(values['rate-limit'])
  await withDatabase(async (database) => {
    await migrate(database, { vectorIndexes: false })
    const issued = await issueKey(database.db, { username, scope, email, name, rateLimitPerHour })
    const { user, isNewUser, scopes } = issued
    process.stderr.write(
      `${isNewUser ? 'New user' : 'User'} ${user.username} (${user.id}), scopes ${scopes.join(', ')}. Keep the key: it is not shown again.\n`,
    )
    process.stdout.write(`${issued.key}\n`)
  })
  return 0
})

function isScope(text: string): text is ApiKeyScope {
  return (apiKeyScopes as readonly string[]).includes(text)
}
