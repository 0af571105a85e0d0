import { analyseContents, findPatterns, getContent } from '@extropy/api'
import { z } from 'zod'
import { parseConfig } from '../config.ts'
import { type OpenDeps, openDeps } from '../open-deps.ts'
import { runCommand, UsageError } from './run-command.ts'

const usage = `usage: pnpm analyze [--author ID] [--content ID]

Analyses contents and finds the patterns among each author's, now: one author's, one content, or, without an option, whatever waits for it.
The running server does that in the background. The embedded database belongs to one process: stop the server first.
`

const options = { author: { type: 'string' }, content: { type: 'string' } } as const

await runCommand({ usage, options }, async ({ author, content }) => {
  if (author !== undefined && content !== undefined) throw new UsageError('give --author or --content, not both')
  const ids = { '--author': author, '--content': content }
  for (const [name, id] of Object.entries(ids)) {
    if (id !== undefined && !z.uuid().safeParse(id).success) throw new UsageError(`${name} ${id} is not an id`)
  }
  const deps = await openDeps(parseConfig(process.env))
  try {
    if (content !== undefined) await showContent(deps, content)
    else for (const id of author === undefined ? await authorsOf(deps) : [author]) await showAuthor(deps, id)
  } finally {
    await deps.close()
  }
  return 0
})

async function showContent(deps: OpenDeps, id: string): Promise<void> {
  const { title } = await getContent(deps.db, id)
  await analyseContents(deps, [id])
  const { analysis } = await deps.db
    .selectFrom('contents')
    .select('analysis')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  process.stdout.write(`${title}\n${JSON.stringify(analysis, null, 2)}\n`)
}

/** Those with contents, the most productive first. */
async function authorsOf({ db }: OpenDeps): Promise<string[]> {
  const rows = await db
    .selectFrom('authors')
    .select('id')
    .where('contentCount', '>', 0)
    .orderBy('contentCount', 'desc')
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

async function showAuthor(deps: OpenDeps, id: string): Promise<void> {
  const author = await deps.db
    .selectFrom('authors')
    .select(['displayName', 'contentCount'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (author === undefined) throw new UsageError(`there is no author with the id ${id}`)
  const patterns = await findPatterns(deps, id)
  process.stdout.write(`${author.displayName}: ${author.contentCount} contents, ${patterns.length} patterns\n`)
  for (const { type, description, confidenceScore } of patterns.toSorted(
    (a, b) => b.confidenceScore - a.confidenceScore,
  )) {
    process.stdout.write(`  ${type.padEnd(11)} ${confidenceScore.toFixed(2)}  ${description}\n`)
  }
}
