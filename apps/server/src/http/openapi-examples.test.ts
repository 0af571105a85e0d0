import { exampleIds, procedures } from '@extropy/api'
import { createTestDeps, createWorld, draftCard, publishCard, type TestAccount, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type App, createApp } from './app.ts'
import type { openApiDocument } from './openapi.ts'

interface Operation {
  readonly parameters?: readonly { name: string; in: string; example?: unknown }[]
  readonly requestBody?: { content: Readonly<Record<string, { example?: unknown }>> }
}

let database: TestDatabase
let world: World
let app: App
let document: ReturnType<typeof openApiDocument>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  world = await createWorld(deps)
  app = createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })
  document = (await (await app.hono.request('/openapi.json')).json()) as typeof document
})
afterAll(() => database.close())

let sources = 0

/** Rows of the owner's, made anew: a mutation uses them up. Public rows stand in the document already. */
async function ownRows(path: string): Promise<Record<string, string>> {
  const { owner, admin, author } = world
  const own = path === 'cards.publish' || path === 'cards.delete' ? draftCard(owner) : publishCard(owner)
  if (path === 'contents.removeAlias') {
    await admin.as().contents.addAlias({ id: world.contentId, url: 'https://example.org/the-same-post' })
  }
  const isRetried = path === 'jobs.retry' || path === 'jobs.events'
  return {
    [exampleIds.job]: await world.newJob(owner, isRetried ? 'dead' : 'queued'),
    [exampleIds.import]: await world.newJob(owner, 'queued', 'imports.run'),
    [exampleIds.source]: (await owner.as().sources.create({ target: `https://example.org/${++sources}` })).id,
    [exampleIds.ownCard]: await own,
    ...(path === 'contents.delete' ? { [world.contentId]: await newContent() } : {}),
    ...(path === 'attributions.create' ? { [exampleIds.card]: await publishCard(author) } : {}),
    // A user has at most 100.
    ...(path.startsWith('keys.') ? { [exampleIds.key]: await newKey(owner) } : {}),
    [exampleIds.researchSession]: await sessionOf(admin, path),
    ...(path.startsWith('subscriptions.') ? { [exampleIds.subscription]: await newSubscription(admin) } : {}),
    ...(path.endsWith('Proposal') ? { [exampleIds.proposal]: await world.newProposal(owner) } : {}),
    ...(path.startsWith('webhooks.') ? { [exampleIds.webhook]: await newWebhook(admin) } : {}),
  }
}

async function newContent(): Promise<string> {
  const content = { platform: 'web', sourceUrl: 'https://example.org/spare', author: 'Ana', title: 'Spare' } as const
  return (await world.admin.as().contents.put(content)).id
}

const newSubscription = async (account: TestAccount) =>
  (await account.as().subscriptions.create({ kind: 'search', question: 'order' })).id
const newKey = async (account: TestAccount) => (await account.as().keys.create({ name: 'spare', scopes: ['read'] })).id
const newWebhook = async (account: TestAccount) =>
  (await account.as().webhooks.create({ url: 'https://example.org/hook' })).id

/** One that has ended, where it is to be run again. */
async function sessionOf(account: TestAccount, path: string): Promise<string> {
  const { id } = await account.as().researchSessions.create({ name: 'A', brief: 'B' })
  if (path === 'researchSessions.rerun') await account.as().researchSessions.cancel({ id })
  return id
}

const routes = [...procedures.values()].flatMap(({ path, routes }) =>
  routes.map((route) => [`${route.method} ${route.path}`, path, route] as const),
)

test.each(routes)('the example of %s works as it stands', async (_, procedure, { method, path }) => {
  const operation = (document.paths[path] as Record<string, Operation>)[method.toLowerCase()] as Operation
  const ids = await ownRows(procedure)
  const withIds = (value: unknown) =>
    JSON.parse(Object.entries(ids).reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(value)))
  let url = path
  const query = new URLSearchParams()
  for (const { name, in: place, example } of operation.parameters ?? []) {
    if (example === undefined) continue
    if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(String(withIds(example))))
    else query.append(name, String(withIds(example)))
  }
  expect(url).not.toContain('{')
  const isFile = operation.requestBody?.content['application/octet-stream'] !== undefined
  const body = operation.requestBody?.content['application/json']?.example
  // To themselves nobody pays.
  const { key } = procedure === 'tokens.transfer' ? world.owner : world.admin
  const isOwners =
    /^(cards\.(edit|publish|unpublish|delete)|attributions\.(create|acceptProposal|refuseProposal)|keys\.)/.test(
      procedure,
    )
  const response = await app.hono.request(`${url}?${query}`, {
    method,
    headers: {
      authorization: `Bearer ${isOwners ? world.owner.key : key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(isFile ? { body: '{"source_url":"https://example.org/a","title":"A","author":"Ana"}' } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(withIds(body)) }),
  })
  // Nobody runs jobs here: what a look brings is not there yet.
  const status = isFile || procedure === 'scrape.fetch' ? 202 : 200
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([status, ''])
  await response.body?.cancel()
})
