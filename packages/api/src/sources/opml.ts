import type { Database } from '@extropy/db'
import { type Intake, planTarget, type Subscription, TargetError } from '@extropy/intake'
import type { Kysely } from 'kysely'
import { fieldError } from '../errors.ts'
import { inTransaction } from '../transaction.ts'
import { insertSource } from './sources.commands.ts'
import { listForOpml } from './sources.queries.ts'

/** Sources of one transaction: half of a large file is there, should the other half fail, and the file can be sent again. */
const batchSize = 500
/** First looks are spread, so that thousands of feeds are not asked for in the same minute. */
export const spreadMs = 400
const mostProblems = 20

/** Adds every feed of an OPML file. Those that are there already stay as they are; those that are no addresses are named. */
export async function importOpml(
  db: Kysely<Database>,
  { readers }: Pick<Intake, 'readers'>,
  { opml, userId }: { readonly opml: string; readonly userId: string },
) {
  const read = await readers.readOpml(Buffer.from(opml))
  if (!('subscriptions' in read)) throw fieldError('invalid_input', 'opml', `is not an OPML file: ${read.reason}`)
  const result = { added: 0, known: 0, refused: 0, problems: [] as { target: string; message: string }[] }
  const { subscriptions } = read
  for (let at = 0; at < subscriptions.length; at += batchSize) {
    await inTransaction(db, async (trx) => {
      for (const [index, subscription] of subscriptions.slice(at, at + batchSize).entries()) {
        const nextAt = new Date(Date.now() + (at + index) * spreadMs)
        const isAdded = await addSubscription(trx, subscription, { userId, nextAt }).catch((error) => {
          if (!(error instanceof TargetError)) throw error
          if (result.problems.length < mostProblems) {
            result.problems.push({ target: subscription.url.slice(0, 200), message: error.message })
          }
          return 'refused' as const
        })
        result[isAdded]++
      }
    })
  }
  return result
}

/** @throws TargetError where the address is none that can be followed. */
export async function addSubscription(
  trx: Kysely<Database>,
  { url, title, folders }: Subscription,
  { userId, nextAt }: { readonly userId: string | null; readonly nextAt: Date },
): Promise<'added' | 'known'> {
  const target = planTarget(url, /youtube\.com/.test(url) ? 'youtube' : 'rss')
  const id = await insertSource(trx, target, { addedBy: userId, nextAt, folders, title: title?.slice(0, 500) ?? null })
  return id === undefined ? 'known' : 'added'
}

/** All sources that are not gone, as readers of feeds take them. */
export async function exportOpml(db: Kysely<Database>): Promise<string> {
  const sources = await listForOpml(db)
  // Loaded where it is used: its library is slow to load for all.
  const { writeOpml } = await import('@extropy/intake/opml')
  return writeOpml(
    sources.map(({ url, title, label, siteUrl, folders, memory }) => ({
      url: memory.feedUrl ?? url,
      title: title ?? label,
      ...(siteUrl === null ? {} : { siteUrl }),
      folders,
    })),
    'Extropy',
  )
}
