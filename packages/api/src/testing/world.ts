import type { inferRouterInputs } from '@trpc/server'
import type { AppRouter } from '../app-router.ts'
import type { Deps } from '../context.ts'
import { makeReceipt } from '../receipts/receipts.ts'
import { createAccount, createKeyOf, type TestAccount } from './accounts.ts'
import { contentLine, ingestLines } from './test-deps.ts'

/** A small populated database, and for every procedure a call that makes sense in it. */
export interface World {
  readonly owner: TestAccount
  readonly stranger: TestAccount
  readonly admin: TestAccount
  /** The user whose cards the others attribute. */
  readonly author: TestAccount
  /** The owner's user, with a key that may only read. */
  readonly reader: TestAccount
  /** The owner's own, published. */
  readonly publishedCardId: string
  /** The stranger's, published. */
  readonly strangersCardId: string
  readonly attributionId: string
  readonly contentId: string
  readonly authorId: string
  readonly patternId: string
  /** A page that was looked at. */
  readonly lookedAt: string
  /** A job of this user's; by default it waits, and nobody runs it. */
  newJob(account: TestAccount, status?: 'queued' | 'dead', kind?: string): Promise<string>
  /** An attribution proposed to the owner, of a card of the author's, or to this user. */
  newProposal(to?: TestAccount): Promise<string>
}

export async function createWorld(deps: Deps): Promise<World> {
  const owner = await createAccount(deps, { tokens: '1000', name: 'owner' })
  const stranger = await createAccount(deps, { tokens: '1000', name: 'stranger' })
  const admin = await createAccount(deps, { scope: 'admin', tokens: '1000', name: 'admin' })
  const author = await createAccount(deps, { name: 'author' })
  const reader = await createKeyOf(deps, owner.userId, 'read')
  await ingestLines(deps, [contentLine({ title: 'Entropy', body: 'On entropy and order.' })])
  const { id: contentId } = await deps.db.selectFrom('contents').select('id').executeTakeFirstOrThrow()
  const { id: authorId } = await deps.db.selectFrom('authors').select('id').executeTakeFirstOrThrow()
  const { id: patternId } = await deps.db
    .insertInto('patterns')
    .values({ authorId, type: 'theme', description: 'Order', confidenceScore: 0.5 })
    .returning('id')
    .executeTakeFirstOrThrow()
  const publishedCardId = await publishCard(owner)
  const strangersCardId = await publishCard(stranger)
  const attribution = { sourceCardId: publishedCardId, targetCardId: strangersCardId, type: 'citation' } as const
  const { id: attributionId } = await stranger.as().attributions.create(attribution)
  const lookedAt = 'https://example.org/looked-at'
  await deps.db
    .insertInto('looks')
    .values({ platform: 'web', target: lookedAt, outcome: 'ok', message: 'Entropy', contentIds: [contentId] })
    .execute()
  const ids = { lookedAt, publishedCardId, strangersCardId, attributionId, contentId, authorId, patternId }
  const newJob = async ({ userId }: TestAccount, status: 'queued' | 'dead' = 'queued', kind = 'test.made') => {
    const finishedAt = status === 'dead' ? new Date().toISOString() : null
    const job = { kind, subject: secret, input: '{}', userId, status, finishedAt }
    const { id } = await deps.db.insertInto('jobs').values(job).returning('id').executeTakeFirstOrThrow()
    return id
  }
  const newProposal = async (to: TestAccount = owner) => {
    const cards = { sourceCardId: await publishCard(author), targetCardId: await publishCard(to) }
    const evidence = JSON.stringify({ growth: 2, added: [], kept: [] }) as never
    const users = { sourceUserId: author.userId, targetUserId: to.userId }
    const { id } = await deps.db
      .insertInto('attributionProposals')
      .values({ ...cards, ...users, coverage: 0.9, evidence })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  }
  return { owner, stranger, admin, author, reader, newJob, newProposal, ...ids }
}

export async function publishCard(account: TestAccount, title = 'A published thought'): Promise<string> {
  const card = { title, body: 'Of *some* length.', privacyLevel: 'IDEAS' as const, tags: ['order'] }
  const { published } = await account.as().cards.publish({ cards: [card] })
  return published[0]?.id as string
}

/** A text that only its owner may ever see: every private card of these tests has it in title and body. */
export const secret = 'SECRET-8d1f'

export async function draftCard(account: TestAccount): Promise<string> {
  const { id } = await account.as().cards.draft({ title: `${secret} title`, body: secret, privacyLevel: 'PRIVATE' })
  return id
}

export interface Example {
  readonly input?: unknown
  /** Whether the input names something private of the owner's. */
  readonly isOwners: boolean
}

let made = 0
const name = () => `made${++made}`

type MakeExample = (world: World) => Example | Promise<Example>
type Inputs = inferRouterInputs<AppRouter>
type ProcedurePath = {
  [Feature in keyof Inputs & string]: `${Feature}.${keyof Inputs[Feature] & string}`
}[keyof Inputs & string]

/**
 * For every procedure a valid call, made anew each time, since a mutation uses it up. Ids are of the owner's rows. The
 * compiler names a procedure that has no entry here.
 */
const exampleOf: Readonly<Record<ProcedurePath, MakeExample>> = {
  'analysis.author': ({ authorId: id }) => open({ id }),
  'analysis.byContent': ({ contentId: id }) => open({ id }),
  'analysis.content': () => open({ content: 'How to find order in entropy, in three steps.' }),
  'analysis.health': () => open(undefined),
  'analysis.patterns': ({ contentId }) => open({ contentIds: [contentId] }),
  'archives.export': () => open(undefined),
  'attributions.acceptProposal': async ({ newProposal }) => owned({ id: await newProposal() }),
  'attributions.backlinks': ({ publishedCardId: cardId }) => open({ cardId }),
  'attributions.byId': ({ attributionId: id }) => open({ id }),
  'attributions.counts': async ({ owner }) => owned({ cardId: await draftCard(owner) }),
  'attributions.create': async ({ owner, author }) =>
    owned({ sourceCardId: await publishCard(author), targetCardId: await publishCard(owner), type: 'reply' }),
  'attributions.graph': async ({ owner }) => owned({ cardId: await draftCard(owner), depth: 3 }),
  'attributions.proposals': () => open({}),
  'attributions.refuseProposal': async ({ newProposal }) => owned({ id: await newProposal() }),
  'attributions.received': ({ owner: { userId } }) => open({ userId }),
  'audit.list': () => open({}),
  'authors.byId': ({ authorId: id }) => open({ id }),
  'authors.list': () => open({}),
  'cards.byId': async ({ owner }) => owned({ id: await draftCard(owner) }),
  'cards.delete': async ({ owner }) => owned({ id: await draftCard(owner) }),
  'cards.draft': () => open({ title: 'New', body: '', privacyLevel: 'IDEAS' }),
  'cards.edit': async ({ owner }) => owned({ id: await draftCard(owner), title: 'Changed' }),
  'cards.list': () => open({}),
  'cards.mine': () => open({}),
  'cards.publish': async ({ owner }) => owned({ ids: [await draftCard(owner)] }),
  'cards.unpublish': async ({ owner }) => owned({ id: await publishCard(owner) }),
  'contents.addAlias': async (world) => open({ id: await newContent(world), url: `https://example.org/${name()}` }),
  'contents.aliases': ({ contentId: id }) => open({ id }),
  'contents.removeAlias': async (world) => open(await newAlias(world)),
  'contents.origins': ({ contentId: id }) => open({ id }),
  'contents.snapshot': ({ contentId: id }) => open({ id }),
  'contents.byId': ({ contentId: id }) => open({ id }),
  'contents.list': () => open({}),
  'contents.delete': async (world) => open({ id: await newContent(world) }),
  'contents.put': () =>
    open({ platform: 'web', sourceUrl: `https://example.org/${name()}`, author: 'Ana', title: 'New' }),
  'contents.update': ({ contentId: id }) => open({ id, metrics: { likes: ++made } }),
  'contents.similar': ({ contentId: id }) => open({ id }),
  'health.check': () => open(undefined),
  'health.cleanupCache': () => open(undefined),
  'health.clearCache': () => open(undefined),
  'health.live': () => open(undefined),
  'health.performance': () => open(undefined),
  'health.ready': () => open(undefined),
  'imports.byId': async ({ owner, newJob }) => owned({ id: await newJob(owner, 'queued', 'imports.run') }),
  'imports.cancel': async ({ owner, newJob }) => owned({ id: await newJob(owner, 'queued', 'imports.run') }),
  // The file is made by whoever calls: see `call`.
  'imports.create': () => open({ name: 'posts.jsonl' }),
  'imports.list': ({ owner: { userId } }) => owned({ userId }),
  'jobs.byId': async ({ owner, newJob }) => owned({ id: await newJob(owner) }),
  'jobs.cancel': async ({ owner, newJob }) => owned({ id: await newJob(owner) }),
  'jobs.events': async ({ owner, newJob }) => owned({ id: await newJob(owner, 'dead') }),
  'jobs.list': ({ owner: { userId } }) => owned({ userId }),
  'jobs.retry': async ({ owner, newJob }) => owned({ id: await newJob(owner, 'dead') }),
  'keys.create': ({ owner: { userId } }) => owned({ name: 'new', scopes: ['read'], userId }),
  'keys.list': ({ owner: { userId } }) => owned({ userId }),
  'keys.revoke': async ({ owner }) => owned({ id: await newKey(owner) }),
  'keys.rotate': async ({ owner }) => owned({ id: await newKey(owner) }),
  'patterns.byId': ({ patternId: id }) => open({ id }),
  'patterns.list': () => open({}),
  'patterns.timeline': ({ patternId: id }) => open({ id }),
  'query.answer': () => open({ prompt: 'entropy' }),
  'query.rag': () => open({ prompt: 'entropy' }),
  'receipts.byId': ({ contentId }) => open({ id: newReceipt(contentId) }),
  'researchSessions.byId': async ({ owner }) => owned({ id: await newSession(owner) }),
  'researchSessions.create': () => open({ name: 'Job', brief: 'Find out' }),
  'researchSessions.list': ({ owner: { userId } }) => owned({ userId }),
  'researchSessions.cancel': async ({ owner }) => owned({ id: await newSession(owner) }),
  'researchSessions.rerun': async ({ owner }) => owned({ id: await endedSession(owner) }),
  'scrape.fetch': () => open({ platform: 'web', target: `https://example.org/${name()}` }),
  'scrape.health': () => open({ platform: 'rss' }),
  'scrape.last': ({ lookedAt: target }) => open({ platform: 'web', target }),
  'sources.byId': async ({ owner }) => open({ id: await newSource(owner) }),
  'sources.create': () => open({ target: `https://example.org/${name()}` }),
  'sources.delete': async ({ owner }) => owned({ id: await newSource(owner) }),
  'sources.fetches': async ({ owner }) => open({ id: await newSource(owner) }),
  'sources.importOpml': () => open({ opml: '<opml version="2.0"><body/></opml>' }),
  'sources.list': () => open({}),
  'sources.opml': () => open(undefined),
  'sources.refresh': async ({ owner }) => open({ id: await newSource(owner) }),
  'sources.update': async ({ owner }) => owned({ id: await newSource(owner), limit: 5 }),
  'subscriptions.byId': async ({ owner }) => owned({ id: await newSubscription(owner) }),
  'subscriptions.changes': async ({ owner }) => owned({ id: await newSubscription(owner) }),
  'subscriptions.create': () => open({ kind: 'search', question: `entropy ${name()}` }),
  'subscriptions.delete': async ({ owner }) => owned({ id: await newSubscription(owner) }),
  'subscriptions.events': async ({ owner }) => owned({ id: await newSubscription(owner), waitSeconds: 0 }),
  'subscriptions.feed': async ({ owner }) => open({ token: await newFeed(owner) }),
  'subscriptions.list': () => open({}),
  'tokens.award': ({ owner: { userId } }) => open({ toUserId: userId, amount: '1' }),
  'tokens.balance': ({ owner: { userId } }) => owned({ userId }),
  'tokens.ledger': ({ owner: { userId } }) => owned({ userId }),
  'tokens.stats': ({ owner: { userId } }) => owned({ userId }),
  // From the caller's own account, whoever calls: nothing in the input could name another.
  'tokens.transfer': async (world) => open({ toUserId: await newPayee(world), amount: '0.01' }),
  'users.byId': ({ owner: { userId } }) => open({ id: userId }),
  'users.byUsername': () => open({ username: 'OWNER' }),
  'users.create': () => open({ username: name(), email: `${name()}@example.org` }),
  'users.erase': async (world) => open({ id: await newPayee(world) }),
  'users.export': ({ owner: { userId } }) => owned({ id: userId }),
  'users.list': () => open({}),
  'users.me': () => open(undefined),
  'users.update': ({ owner: { userId } }) => owned({ id: userId, bio: 'Changed' }),
  'webhooks.byId': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.create': () => open({ url: 'https://example.org/hook' }),
  'webhooks.delete': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.deliveries': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.list': () => open({}),
  'webhooks.replay': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.rotate': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.test': async ({ owner }) => owned({ id: await newWebhook(owner) }),
  'webhooks.update': async ({ owner }) => owned({ id: await newWebhook(owner), events: ['webhook.test'] }),
}

export const examples: Readonly<Record<string, MakeExample>> = exampleOf

const open = (input: unknown): Example => ({ input, isOwners: false })
const owned = (input: unknown): Example => ({ input, isOwners: true })

/** Of a place that nothing was read from: its content is there, the sentence is not. */
const newReceipt = (contentId: string) =>
  makeReceipt({
    contentId,
    ordinal: 0,
    contentHash: '',
    part: 'text',
    start: 0,
    end: 1,
    source: '',
    readAt: new Date(0),
  }).id

const newKey = async (account: TestAccount) => (await account.as().keys.create({ name: 'spare', scopes: ['read'] })).id
/** A user has 20 at most: the oldest one makes room. */
async function newWebhook(account: TestAccount): Promise<string> {
  const { items } = await account.as().webhooks.list({ limit: 100 })
  const oldest = items.length >= 15 ? items.at(-1) : undefined
  if (oldest !== undefined) await account.as().webhooks.delete({ id: oldest.id })
  return (await account.as().webhooks.create({ url: 'https://example.org/hook', description: secret })).id
}
const newSubscription = async (account: TestAccount) =>
  (await account.as().subscriptions.create({ kind: 'search', question: secret })).id
const newFeed = async (account: TestAccount) =>
  (await account.as().subscriptions.create({ kind: 'search', question: 'order' })).feed.replace('/feeds/', '')
const newSource = async (account: TestAccount) =>
  (await account.as().sources.create({ target: `https://example.org/${name()}` })).id
const newSession = async (account: TestAccount) =>
  (await account.as().researchSessions.create({ name: 'Job', brief: secret })).id
const endedSession = async (account: TestAccount) =>
  (await account.as().researchSessions.cancel({ id: await newSession(account) })).id

async function newContent({ admin }: World): Promise<string> {
  const content = { platform: 'web', sourceUrl: `https://example.org/${name()}`, author: 'Ana', title: 'New' } as const
  return (await admin.as().contents.put(content)).id
}

async function newAlias(world: World) {
  const alias = { id: await newContent(world), url: `https://example.org/${name()}` }
  await world.admin.as().contents.addAlias(alias)
  return alias
}

/** A user who is none of the callers. */
async function newPayee({ admin }: World): Promise<string> {
  return (await admin.as().users.create({ username: name(), email: `${name()}@example.org` })).id
}
