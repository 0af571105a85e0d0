import { randomUUID } from 'node:crypto'
import type { AttributionType, Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { attribute } from '../attributions/attribute.ts'
import type { Actor } from '../audit/audit.ts'
import { publishCards } from '../cards/publish.ts'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { inTransaction } from '../transaction.ts'
import { eraseUser } from '../users/erase-user.ts'
import { createUser } from '../users/users.commands.ts'

/** No address ends so: RFC 2606. Accounts are told by it from those of people. */
const domain = '@sample.invalid'
const bio = 'Made up for the sample: there is no such person.'

const people = ['ada', 'bela', 'chidi', 'dana', 'emre', 'fumiko', 'goran', 'hana', 'imani', 'jonas', 'kaya', 'lior']
const cardsEach = 4

/** What a made-up reader might write about a post, its title put in. */
const thoughts: readonly ((title: string) => string)[] = [
  (title) => `*${title}* is worth an hour: it says what changed, and what it cost to change it.`,
  (title) => `After *${title}* I went through our own code with the same question. We had two such places.`,
  (title) => `The part of *${title}* that stays with me is how long it took, and that it was said openly.`,
  (title) => `For newcomers: read *${title}* first, then the release notes. The other way round it makes no sense.`,
  (title) => `I disagree with a point of *${title}*: the migration is harder for small teams than it sounds there.`,
  (title) => `*${title}*, in a sentence: fewer surprises, at the price of one more thing to configure.`,
  (title) =>
    `We tried what *${title}* announces. It worked on the second attempt; the first failed on our own plugins.`,
  (title) => `Kept for later: *${title}*. The comparison with the earlier version is the useful part.`,
]
const types: readonly AttributionType[] = ['citation', 'reply', 'remix', 'citation']

interface Person {
  readonly actor: Actor & { readonly rewardsPerDay: number }
  readonly cardIds: readonly string[]
}

/**
 * A dozen made-up users with cards about the contents that there are, attributions among the cards and the payments for
 * them, by the same commands as everybody's; so that no list is empty. Nothing where there is no content, or they are
 * there already.
 */
export async function addSampleAccounts(deps: Pick<Deps, 'db' | 'cache'>): Promise<void> {
  await invalidating(deps, async (db) => {
    if ((await sampleUsers(db)).length > 0) return
    const contents = await someContents(db, people.length * cardsEach)
    if (contents.length === 0) return
    const persons: Person[] = []
    for (const [at, name] of people.entries()) {
      const about = contents.slice(at * cardsEach, (at + 1) * cardsEach)
      persons.push(await addPerson(db, name, about, at))
    }
    for (const [at, { actor, cardIds }] of persons.entries()) {
      for (const [n, targetCardId] of cardIds.entries()) {
        const other = persons[(at + 3 * n + 1) % persons.length]
        const sourceCardId = other?.cardIds[n % other.cardIds.length]
        if (sourceCardId === undefined || other?.actor === actor) continue
        const type = types[n % types.length] as AttributionType
        await attribute(db, actor, unkeyed(actor), { sourceCardId, targetCardId, type })
      }
    }
  })
}

async function addPerson(
  db: Kysely<Database>,
  name: string,
  about: readonly { readonly id: string; readonly title: string; readonly tags: readonly string[] }[],
  at: number,
): Promise<Person> {
  const displayName = `${name[0]?.toUpperCase()}${name.slice(1)} (made up)`
  const { id: userId } = await createUser(db, {
    username: await freeName(db, name),
    email: `${name}${domain}`,
    displayName,
    bio,
  })
  const cards = about.map(({ id, title, tags }, n) => ({
    title: `On “${title.slice(0, 200)}”`,
    body: (thoughts[(at + 3 * n) % thoughts.length] as (typeof thoughts)[number])(title),
    tags: [...new Set([...tags.slice(0, 2), 'sample'])],
    category: null,
    privacyLevel: 'IDEAS' as const,
    contentId: id,
    parentCardId: null,
  }))
  const actor = { principal: principalOf(userId), address: undefined, requestId: 'sample', rewardsPerDay: cardsEach }
  if (cards.length === 0) return { actor, cardIds: [] }
  const { published } = await publishCards(db, actor, unkeyed(actor), { ids: [], cards })
  return { actor, cardIds: published.map(({ id }) => id) }
}

/** No name that a person would take; who has it all the same, keeps it. */
async function freeName(db: Kysely<Database>, name: string): Promise<string> {
  const username = `sample-${name}`
  const taken = await db.selectFrom('users').select('id').where(sql`lower(username)`, '=', username).executeTakeFirst()
  return taken === undefined ? username : `${username}-${randomUUID().slice(0, 8)}`
}

/** The acts of a user who has no key. */
function principalOf(userId: string): Actor['principal'] {
  const none = { rateLimitPerHour: 0, userRateLimitPerHour: 0, expiresAt: null }
  return { userId, keyId: randomUUID(), scopes: ['write'], ...none }
}

function unkeyed({ principal }: Actor) {
  return { userId: principal.userId, key: undefined, requestHash: Buffer.alloc(32) }
}

/** Always the same ones of the same contents, from all over. */
function someContents(db: Kysely<Database>, count: number) {
  return db.selectFrom('contents').select(['id', 'title', 'tags']).orderBy(sql`md5(source_url)`).limit(count).execute()
}

function sampleUsers(db: Kysely<Database>) {
  return db.selectFrom('users').select('id').where('email', 'like', `%${domain}`).execute()
}

/** Erases the made-up users (see `eraseUser`). Returns how many there were. */
export async function removeSampleAccounts(deps: Pick<Deps, 'db' | 'cache'>): Promise<number> {
  return invalidating(deps, async (db) => {
    const users = await sampleUsers(db)
    for (const { id } of users) await inTransaction(db, (trx) => eraseUser(trx, id))
    return users.length
  })
}
