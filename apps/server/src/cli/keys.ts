import { parseArgs } from 'node:util'
import { issueKey } from '@extropy/api'
import { type ApiKeyScope, apiKeyScopes, createDatabase, migrate } from '@extropy/db'
import { parseConfig } from '../config.ts'
import { databaseOptions } from '../database-options.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: pnpm keys create --user NAME [--scope read|write|admin] [--email ADDRESS] [--name TEXT] [--rate-limit N]

Makes an API key for a user of the database of DATABASE_URL, and the user too where there is none of that name. The key
is printed once, alone on standard output. Each scope holds those before it; the default is write. The rate limit is in
requests an hour, by default 1000. The embedded database belongs to one process: stop the server first.
`

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      user: { type: 'string' },
      scope: { type: 'string', default: 'write' },
      email: { type: 'string' },
      name: { type: 'string' },
      'rate-limit': { type: 'string' },
    },
  })
  const { user: username, scope, email, name } = values
  const isWrong = positionals.join() !== 'create' || username === undefined || !isScope(scope)
  if (isWrong) {
    process.stderr.write(usage)
    return 2
  }
  const rateLimitPerHour = values['rate-limit'] === undefined ? undefined : Number(values['rate-limit'])
  const database = await createDatabase(databaseOptions(parseConfig(process.env)))
  try {
    await migrate(database, { vectorIndexes: false })
    const issued = await issueKey(database.db, { username, scope, email, name, rateLimitPerHour })
    const { user, isNewUser, scopes } = issued
    process.stderr.write(
      `${isNewUser ? 'New user' : 'User'} ${user.username} (${user.id}), scopes ${scopes.join(', ')}. Keep the key: it is not shown again.\n`,
    )
    process.stdout.write(`${issued.key}\n`)
    return 0
  } finally {
    await database.close()
  }
})

function isScope(text: string): text is ApiKeyScope {
  return (apiKeyScopes as readonly string[]).includes(text)
}
