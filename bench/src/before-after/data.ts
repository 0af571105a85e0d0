import { openDeps, parseConfig } from '@extropy/server/deps'
import { onServer, withDatabase, withGenerated } from '../databases.ts'
import { recordData } from '../results.ts'
import { fillPassages } from '../retrieval/passages.ts'

export interface BeforeAfterData {
  readonly withIndexes: string
  readonly withoutIndexes: string
  readonly prompts: readonly string[]
}

/** Runs `body` on two copies of the same generated data, with that many passages added, one without secondary indexes. */
export async function withBeforeAfter(
  serverUrl: string,
  sizes: { readonly cards: number; readonly passages: number },
  body: (data: BeforeAfterData) => Promise<void>,
): Promise<void> {
  const onFirstCopy = async (withIndexes: string) => {
    const prompts = await addPassages(withIndexes, sizes.passages)
    recordData(`${sizes.cards.toLocaleString('en')} cards, ${sizes.passages.toLocaleString('en')} passages`)
    const onSecondCopy = async (withoutIndexes: string) => {
      await dropSecondaryIndexes(withoutIndexes)
      await body({ withIndexes, withoutIndexes, prompts })
    }
    await withDatabase(serverUrl, 'without', onSecondCopy, withIndexes)
  }
  await withGenerated(serverUrl, sizes.cards, { keep: false }, ({ url }) =>
    withDatabase(serverUrl, 'with', onFirstCopy, url),
  )
}

/** With vectors of the server's own embedder: both legs of a search are to have work. */
async function addPassages(DATABASE_URL: string, passages: number): Promise<readonly string[]> {
  const deps = await openDeps(parseConfig({ DATABASE_URL }))
  try {
    return await fillPassages(deps, passages)
  } finally {
    await deps.close()
  }
}

/** All but those that keep rows unique. Partitions lose theirs with their table's. */
async function dropSecondaryIndexes(url: string): Promise<void> {
  const indexes = await onServer(
    url,
    `select x.indexrelid::regclass::text as name
     from pg_index x join pg_class i on i.oid = x.indexrelid
     where i.relnamespace = current_schema()::regnamespace and not x.indisunique
       and not exists (select from pg_inherits where inhrelid = x.indexrelid)`,
  )
  await onServer(url, `drop index ${indexes.map(({ name }) => name).join(', ')}`)
  await onServer(url, 'analyze')
}
