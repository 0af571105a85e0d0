import type { Database, Platform } from '@extropy/db'
import { type Credentials, platforms, type Target } from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import type { LastScraped, PlatformHealth } from './scrape.schema.ts'

/** What the last look at a target brought. @throws AppError not_found where there was none */
export async function lastScrape(
  db: Kysely<Database>,
  { platform, key, label }: Target,
): Promise<z.output<typeof LastScraped>> {
  const look = await db
    .selectFrom('looks')
    .select(['lookedAt', 'outcome', 'message', 'contentIds'])
    .where('platform', '=', platform)
    .where('target', '=', key)
    .executeTakeFirst()
  if (look === undefined) throw fieldError('not_found', 'target', `«${label}» was never looked at`)
  const { contentIds, ...said } = look
  return { platform, target: key, ...said, count: contentIds.length, content_ids: contentIds }
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
