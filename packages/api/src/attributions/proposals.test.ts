import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Deps } from '../context.ts'
import { openWorker } from '../jobs/worker.ts'
import { proposeJob } from '../proposals/propose.job.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { verifyLedger } from '../tokens/verify-ledger.ts'
import { decided } from './decided.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
let bob: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps, { tokens: '10', name: 'ada' })
  bob = await createAccount(deps, { tokens: '10', name: 'bob' })
})
afterAll(() => database.close())

let made = 0
/** Its long words are of this idea alone, so that no other test's cards are like it. */
function newIdea() {
  const ending = `x${String.fromCharCode(97 + made++)}`
  const own = (text: string) => text.replaceAll(/[a-z]{5,}/g, (word) => word + ending)
  return {
    seed: own('Caching a dependency graph saves most of the rebuild. The linker is the surprising bottleneck.'),
    essay:
      own(`Everybody waits for builds. Caching a dependency graph saves most of the rebuild in our monorepo. The linker is the surprising bottleneck, because it reads all object files.

We replaced it by a daemon that keeps symbol tables in memory. Garbage collection of stale artifacts runs at night, and a bloom filter tells which archives are worth opening at all.`),
  }
}

/** Lets all waiting jobs of the kind run. */
async function settle(): Promise<void> {
  const worker = openWorker(deps, { jobs: [proposeJob] })
  const waiting = deps.db
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', proposeJob.kind)
    .where('status', 'in', ['queued', 'running'])
  try {
    for (;;) {
      if ((await waiting.execute()).length === 0) break
      worker.hear('')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  } finally {
    await worker.close()
  }
  const failed = deps.db.selectFrom('jobs').select('error').where('kind', '=', proposeJob.kind)
  expect((await failed.where('status', '<>', 'succeeded').execute()).length).toBe(0)
}

async function publish(account: TestAccount, body: string): Promise<string> {
  const card = { title: 'Builds', body, privacyLevel: 'IDEAS' as const }
  return (await account.as().cards.publish({ cards: [card] })).published[0]?.id as string
}

const proposedTo = async (account: TestAccount, targetCardId: string) =>
  (await account.as().attributions.proposals({ limit: 100 })).items.filter((each) => each.targetCardId === targetCardId)

/** Ada's seed and Bob's essay, with what was proposed to Bob. */
async function grown() {
  const { seed, essay } = newIdea()
  const cards = { sourceCardId: await publish(ada, seed), targetCardId: await publish(bob, essay) }
  await settle()
  return { ...cards, seed, essay, proposals: await proposedTo(bob, cards.targetCardId) }
}

test('the author of the newer card is offered an attribution, with the sentences of both; nothing is made', async () => {
  const { proposals, sourceCardId, essay } = await grown()
  expect(proposals).toMatchObject([{ sourceCardId, sourceUsername: 'ada' }])
  const [{ kept, added, coverage, growth } = { kept: [], added: [], coverage: 0, growth: 0 }] = proposals
  expect(coverage).toBeGreaterThanOrEqual(0.7)
  expect(growth).toBeGreaterThan(1.3)
  expect(added.length).toBeGreaterThan(0)
  for (const { newer } of kept) expect(essay.slice(newer.start, newer.end)).toBe(newer.text)
  expect(await proposedTo(ada, sourceCardId)).toEqual([])
  const backlinks = await ada.as().attributions.backlinks({ cardId: sourceCardId })
  expect(backlinks.items).toEqual([])
})

test('it is found from either side, whichever card is looked at last', async () => {
  const { seed, essay } = newIdea()
  const sourceCardId = await publish(ada, seed)
  await ada.as().cards.unpublish({ id: sourceCardId })
  const targetCardId = await publish(bob, essay)
  await settle()
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  await ada.as().cards.publish({ ids: [sourceCardId] })
  await settle()
  expect(await proposedTo(bob, targetCardId)).toMatchObject([{ sourceCardId }])
})

test('drafts, private cards and cards of one user are never proposed', async () => {
  const { seed, essay } = newIdea()
  await ada.as().cards.draft({ title: 'Draft', body: seed, privacyLevel: 'IDEAS' })
  await ada.as().cards.draft({ title: 'Private', body: seed, privacyLevel: 'PRIVATE' })
  await publish(bob, seed)
  const targetCardId = await publish(bob, essay)
  await ada.as().cards.draft({ title: 'Essay', body: essay, privacyLevel: 'JOURNAL' })
  await settle()
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  const rows = await deps.db
    .selectFrom('attributionProposals')
    .select('id')
    .where('targetCardId', '=', targetCardId)
    .execute()
  expect(rows).toEqual([])
})

test.each([
  ['unpublishes', (id: string) => ada.as().cards.unpublish({ id })],
  ['deletes', (id: string) => ada.as().cards.delete({ id })],
  ['rewrites', (id: string) => ada.as().cards.edit({ id, body: 'Bread needs time, salt and a hot oven.' })],
])('it goes, with its sentences, when the other author %s the card', async (_, change) => {
  const { proposals, sourceCardId, targetCardId } = await grown()
  await change(sourceCardId)
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  const rows = await deps.db
    .selectFrom('attributionProposals')
    .select('id')
    .where('sourceCardId', '=', sourceCardId)
    .execute()
  expect(rows).toEqual([])
  const [{ id } = { id: '' }] = proposals
  await expect(bob.as().attributions.acceptProposal({ id })).rejects.toThrow('no such proposal to you')
  await settle()
  expect(await proposedTo(bob, targetCardId)).toEqual([])
})

test('a card that is made private while the job compares it is not proposed', async () => {
  const { seed, essay } = newIdea()
  const sourceCardId = await publish(ada, seed)
  const targetCardId = await publish(bob, essay)
  const { analyst } = deps
  deps = {
    ...deps,
    analyst: {
      ...analyst,
      run: async (...task) => {
        const outcome = await analyst.run(...task)
        await ada.as().cards.unpublish({ id: sourceCardId })
        return outcome
      },
    },
  }
  await settle()
  deps = { ...deps, analyst }
  expect(await proposedTo(bob, targetCardId)).toEqual([])
})

test('accepted, it is an attribution that pays as any other, once, whatever is repeated', async () => {
  const { proposals, sourceCardId, targetCardId, seed } = await grown()
  const [{ id } = { id: '' }] = proposals
  const balance = async () => Number((await ada.as().tokens.balance({ userId: ada.userId })).balance)
  const before = await balance()
  const accept = () => bob.as('key').attributions.acceptProposal({ id, type: 'remix' })
  const attribution = await accept()
  expect(attribution).toMatchObject({ sourceCardId, targetCardId, type: 'remix', tokensTransferred: '0.50000000' })
  expect(seed).toContain(attribution.excerpt)
  expect(await accept()).toEqual(attribution)
  expect((await balance()) - before).toBeCloseTo(0.5, 8)
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  const again = { code: 'CONFLICT', message: 'id: the proposal was accepted before' }
  await expect(bob.as().attributions.acceptProposal({ id })).rejects.toMatchObject(again)
  await expect(bob.as().attributions.refuseProposal({ id })).rejects.toMatchObject(again)
  expect((await verifyLedger(deps.db)).problems).toEqual([])
})

test('refused, it is not offered again, whatever happens to the cards', async () => {
  const { proposals, sourceCardId, targetCardId, seed } = await grown()
  const [{ id } = { id: '' }] = proposals
  expect(await bob.as().attributions.refuseProposal({ id })).toEqual({ id })
  expect(await bob.as().attributions.refuseProposal({ id })).toEqual({ id })
  await expect(bob.as().attributions.acceptProposal({ id })).rejects.toThrow('was refused before')
  await ada.as().cards.edit({ id: sourceCardId, body: `${seed} Indeed.` })
  await bob.as().cards.unpublish({ id: targetCardId })
  await bob.as().cards.publish({ ids: [targetCardId] })
  await settle()
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  const kept = deps.db.selectFrom('attributionProposals').select(['status', 'evidence']).where('id', '=', id)
  expect(await kept.executeTakeFirst()).toEqual({ status: 'refused', evidence: {} })
})

test('what was attributed by hand is not proposed, and settles what is', async () => {
  const { proposals, sourceCardId, targetCardId, essay } = await grown()
  expect(proposals).toHaveLength(1)
  await bob.as().attributions.create({ sourceCardId, targetCardId, type: 'reply' })
  expect(await proposedTo(bob, targetCardId)).toEqual([])
  await bob.as().cards.edit({ id: targetCardId, body: `${essay} Indeed.` })
  await settle()
  expect(await proposedTo(bob, targetCardId)).toEqual([])
})

test('nobody but the later author sees, accepts or refuses it', async () => {
  const { proposals, targetCardId } = await grown()
  const [{ id } = { id: '' }] = proposals
  const carol = await createAccount(deps, { scope: 'admin', tokens: '1' })
  for (const other of [ada, carol]) {
    expect(await proposedTo(other, targetCardId)).toEqual([])
    await expect(other.as().attributions.acceptProposal({ id })).rejects.toThrow('no such proposal to you')
    await expect(other.as().attributions.refuseProposal({ id })).rejects.toThrow('no such proposal to you')
  }
  expect(await proposedTo(bob, targetCardId)).toHaveLength(1)
})

/** Until another statement waits for a lock, or `isOver`. */
async function untilBlocked(isOver: () => boolean) {
  await vi.waitFor(async () => {
    const { rows } = await sql`
      select from pg_locks join pg_database on pg_database.oid = database
      where not granted and datname = current_database()
      union all select from pg_locks where not granted and locktype = 'transactionid'`.execute(deps.db)
    expect(isOver() || rows.length > 0).toBe(true)
  }, 20_000)
}

// One connection can have no two transactions.
describe.skipIf(inject('databaseTemplate').kind !== 'postgres')('at the same time', () => {
  test('what is attributed while it is being proposed is not proposed', async () => {
    const { seed, essay } = newIdea()
    const [sourceCardId, targetCardId] = [await publish(ada, seed), await publish(bob, essay)]
    const trx = await deps.db.startTransaction().execute()
    await trx.selectFrom('cards').select('id').where('id', 'in', [sourceCardId, targetCardId]).forShare().execute()
    const users = { sourceUserId: ada.userId, targetUserId: bob.userId }
    const attribution = {
      sourceCardId,
      targetCardId,
      ...users,
      type: 'reply' as const,
      tokensTransferred: '0.05000000',
    }
    await trx.insertInto('attributions').values(attribution).execute()
    let isOver = false
    const settled = settle().finally(() => {
      isOver = true
    })
    await untilBlocked(() => isOver)
    await trx.commit().execute()
    await settled
    expect(await proposedTo(bob, targetCardId)).toEqual([])
  })

  test('what is accepted while it is refused is not refused', async () => {
    const { proposals } = await grown()
    const [{ id } = { id: '' }] = proposals
    const trx = await deps.db.startTransaction().execute()
    await trx.updateTable('attributionProposals').set(decided('accepted')).where('id', '=', id).execute()
    const refused = expect(bob.as().attributions.refuseProposal({ id })).rejects.toThrow('was accepted before')
    await untilBlocked(() => false)
    await trx.commit().execute()
    await refused
  })
})
