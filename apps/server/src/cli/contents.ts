import { deleteContent, findByAddress, getContent } from '@extropy/api'
import { announceChanges, type DatabaseHandle, migrate } from '@extropy/db'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm contents show ID|URL
       pnpm contents delete ID|URL

Shows or deletes a content of the database of DATABASE_URL, by its id or one of its URLs. What is deleted is in no search any
more; cards about it stay. The embedded database belongs to one process: stop the server first.
`

await runCommand({ usage, allowPositionals: true }, async (_, positionals) => {
  const [action, name, ...more] = positionals
  if ((action !== 'show' && action !== 'delete') || name === undefined || more.length > 0) {
    throw new UsageError('the actions are show and delete, each for one id or URL')
  }
  return withDatabase(async (database) => {
    await migrate(database, { vectorIndexes: false })
    const id = await findContent(database, name)
    if (id === undefined) {
      process.stderr.write(`There is no content ${name}.\n`)
      return 1
    }
    if (action === 'show') {
      process.stdout.write(`${JSON.stringify(await getContent(database.db, id), null, 2)}\n`)
      return 0
    }
    const { sourceUrl } = await database.db.transaction().execute(async (trx) => {
      await announceChanges(trx, ['cards'])
      return deleteContent(trx, { id })
    })
    process.stdout.write(`Deleted: ${sourceUrl}\n`)
    return 0
  })
})

async function findContent({ db }: DatabaseHandle, name: string): Promise<string | undefined> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)
  if (!isId) return findByAddress(db, name)
  return (await db.selectFrom('contents').select('id').where('id', '=', name).executeTakeFirst())?.id
}
