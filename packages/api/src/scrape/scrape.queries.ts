import type { Database, Platform } from '@extropy/db'
import { type Credentials, platforms, type Target } from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import type { LastScraped, PlatformHealth } from './scrape.schema.ts'

/** Fetches of one look are minutes apart at most; the look before was a quarter of an hour earlier, or more. */
const lookMs = 10 * 60_000
const mostFetches = 300

/** What the last look at a target brought. @throws AppError not_found where there was none */
export async function lastScrape(
  db: Kysely<Database>,
  { platform, key, label }: Target,
): Promise<z.output<typeof LastScraped>> {
  const fetches = await db
    .selectFrom('fetches')
    .select(['url', 'finalUrl', 'outcome', 'message', 'fetchedAt', 'jobId'])
    .where('platform', '=', platform)
    .where('target', '=', key)
    .orderBy('fetchedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(mostFetches)
    .execute()
  const [latest] = fetches
  if (latest === undefined) throw fieldError('not_found', 'target', `«${label}» was never asked for`)
  const since = Date.parse(latest.fetchedAt) - lookMs
  const look = fetches.filter(({ jobId, fetchedAt }) => jobId === latest.jobId && Date.parse(fetchedAt) >= since)
  const urls = [...new Set(look.flatMap(({ url, finalUrl }) => [url, finalUrl]))]
  const [contents, aliases] = await Promise.all([
    db.selectFrom('contents').select('id').where('sourceUrl', 'in', urls).execute(),
    db.selectFrom('contentAliases').select('contentId as id').where('url', 'in', urls).execute(),
  ])
  const ids = [...new Set([...contents, ...aliases].map(({ id }) => id))]
  const first = look.at(-1) ?? latest
  return {
    platform,
    target: key,
    fetchedAt: latest.fetchedAt,
    outcome: first.outcome,
    message: first.message,
    count: ids.length,
    content_ids: ids,
  }
}

const settings: Readonly<Record<string, (credentials: Credentials) => boolean>> = {
  TWITTER_BEARER_TOKEN: ({ twitterBearerToken }) => twitterBearerToken !== undefined,
  'REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET': ({ reddit }) => reddit !== undefined,
}

/** What a platform gives, and when it last did. */
export async function platformHealth(
  db: Kysely<Database>,
  platform: Platform,
  credentials: Credentials,
): Promise<z.output<typeof PlatformHealth>> {
  const { works, needs, limits } = platforms[platform].health(credentials)
  const { worked, failed } = await db
    .selectFrom('sources')
    .select(({ fn }) => [
      fn.max('lastOkAt').as('worked'),
      fn.max('lastFetchedAt').filterWhere('failures', '>', 0).as('failed'),
    ])
    .where('platform', '=', platform)
    .executeTakeFirstOrThrow()
  const status = worked === null && failed === null ? 'unknown' : (worked ?? '') >= (failed ?? '') ? 'works' : 'failing'
  return {
    platform,
    status,
    works: [...works],
    needs: needs.map((need) => ({ ...need, isSet: settings[need.setting]?.(credentials) ?? false })),
    limits: [...limits],
    lastWorkedAt: worked,
    lastFailedAt: failed,
  }
}
