import type { Database } from '@extropy/db'
import { type Intake, type Subscription, TargetError } from '@extropy/intake'
import type { Kysely } from 'kysely'
import { fieldError } from '../errors.ts'
import { storableText } from '../storable-text.ts'
import { inTransaction } from '../transaction.ts'
import { insertSource, planSource } from './sources.commands.ts'
import { listForOpml } from './sources.queries.ts'

/** Sources of one transaction: half of a large file is there, should the other half fail, and the file can be sent again. */
const batchSize = 500
/** First looks are spread, so that thousands of feeds are not asked for in the same minute. */
export const spreadMs = 400
const mostProblems = 20
/** Such a feed is followed: its first outline is taken. */
const isListedTwice = 'it is in the list already'
/** Of feeds and folders. */
const longestName = 500

/**
 * Adds every feed of an OPML file. Those that are there already stay as they are; those that are not followed are named, each
 * with its reason: no address, one that is too long, or more of them than a file may have.
 */
export async function importOpml(
  db: Kysely<Database>,
  { readers }: Pick<Intake, 'readers'>,
  { opml, userId }: { readonly opml: string; readonly userId: string },
) {
  const read = await readers.readOpml(Buffer.from(opml))
  if (!('subscriptions' in read)) throw fieldError('invalid_input', 'opml', `is not an OPML file: ${read.reason}`)
  const result = { added: 0, known: 0, refused: 0, problems: [] as { target: string; message: string }[] }
  const { subscriptions, skipped } = read
  const refuse = (target: string, message: string) => {
    result.refused++
    if (result.problems.length < mostProblems) result.problems.push({ target: target.slice(0, 200), message })
  }
  for (const { name, reason } of skipped) if (reason !== isListedTwice) refuse(name, reason)
  for (let at = 0; at < subscriptions.length; at += batchSize) {
    await inTransaction(db, async (trx) => {
      for (const [index, subscription] of subscriptions.slice(at, at + batchSize).entries()) {
        const nextAt = new Date(Date.now() + (at + index) * spreadMs)
        try {
          result[await addSubscription(trx, subscription, { userId, nextAt })]++
        } catch (error) {
          if (!(error instanceof TargetError)) throw error
          refuse(subscription.url, error.message)
        }
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
  const isOfYoutube = /(?:^|\.)youtube\.com$/.test(URL.parse(url)?.hostname ?? '')
  const target = planSource(url, isOfYoutube ? 'youtube' : 'rss')
  const named = {
    folders: folders.map((folder) => storableText(folder, longestName)),
    title: title === undefined ? null : storableText(title, longestName),
  }
  const id = await insertSource(trx, target, { addedBy: userId, nextAt, ...named })
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
