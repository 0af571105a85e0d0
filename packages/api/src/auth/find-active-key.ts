import { type Database, hotRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

/** The condition in a form that lets the planner use the partial index. */
const works = (table: 'apiKeys' | 'others') => {
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql<boolean>`${column('isActive')} and not ${column('isRevoked')}
    and (${column('expiresAt')} is null or ${column('expiresAt')} > now())`
}

const selectActiveKey = hotRead('apiKeys.findActiveKey', (db, input: { keyHash: Uint8Array }) =>
  db
    .selectFrom('apiKeys')
    .select(['id', 'userId', 'keyHash', 'scopes', 'rateLimitPerHour', 'expiresAt'])
    .select(({ selectFrom }) =>
      selectFrom('apiKeys as others')
        .select(({ fn }) => fn.max<number>('others.rateLimitPerHour').as('most'))
        .whereRef('others.userId', '=', 'apiKeys.userId')
        .where(works('others'))
        .as('userRateLimitPerHour'),
    )
    .where('keyHash', '=', input.keyHash)
    .where(works('apiKeys')),
)

/** The key with this sha-256, unless it is switched off, revoked or expired; and the most that a key of its user may do. */
export async function findActiveKey(db: Kysely<Database>, keyHash: Uint8Array) {
  const [key] = await selectActiveKey(db, { keyHash })
  return key
}
