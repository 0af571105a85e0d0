import { verifyLedger } from '@extropy/api'
import { createAccount, createTestDeps, type TestAccount } from '@extropy/api/testing'
import { createDatabase, migrate } from '@extropy/db'
import { type BenchCase, hasProgram } from '../bench-case.ts'
import { withDatabase } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { medianMs, underLoad } from '../load.ts'
import { pgbenchTransfers } from '../pgbench.ts'
import { record, recordData, skip } from '../results.ts'
import { type Contender, runTrial } from '../rounds.ts'

const callers = 16

/**
 * Transfers through the procedure, without HTTP, beside `pgbench` on the same server, in turns. `spread`: between 1,000
 * accounts; `keyed`: each with an Idempotency-Key; `hot`: all from one account.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: `tokens.transfer, ${callers} callers, against pgbench TPC-B-like, prepared`,
  async run({ quick }) {
    await withDatabase(process.env.TEST_DATABASE_URL ?? '', 'ledger', (url) => transfers(url, quick))
  },
}

async function transfers(url: string, quick: boolean): Promise<void> {
  const handle = await createDatabase({ url, pool: { size: callers, maxSize: callers } })
  try {
    await migrate(handle)
    const deps = await createTestDeps(handle)
    const accounts: TestAccount[] = []
    for (let made = 0; made < (quick ? 200 : 1000); made++)
      accounts.push(await createAccount(deps, { tokens: '1000000' }))
    recordData(`${accounts.length} accounts`)
    const at = (n: number) => accounts[n % accounts.length] as TestAccount
    const upTo = (below: number) => Math.floor(Math.random() * below)
    const transfer = (from: number, key?: string) => {
      const to = at(from + 1 + upTo(accounts.length - 1))
      return at(from).as(key).tokens.transfer({ toUserId: to.userId, amount: '0.01' })
    }
    let keys = 0
    const kinds: [name: string, goal: GoalName, call: () => Promise<unknown>][] = [
      ['spread', 'transfers, 16 callers / pgbench', () => transfer(upTo(accounts.length))],
      ['keyed', 'transfers with idempotency keys / pgbench', () => transfer(upTo(accounts.length), `bench-${keys++}`)],
      ['hot', 'transfers from one hot account / pgbench', () => transfer(0)],
    ]
    const contenders = kinds.map(
      ([name, , call]): Contender => ({
        name: `tokens.transfer, ${name}`,
        measure: (seconds) => underLoad(callers, seconds, call),
      }),
    )
    const hasPgbench = hasProgram('pgbench')
    if (!hasPgbench) skip('pgbench', 'it is not installed')
    await runTrial({
      suite: 'ledger',
      name: `transfers, ${callers} callers`,
      unit: 'transfers/s',
      rounds: quick ? 3 : 5,
      seconds: quick ? 0.5 : 2,
      warmUpSeconds: 1,
      contenders: [...(hasPgbench ? [await pgbenchTransfers(url)] : []), ...contenders],
      comparisons: kinds.map(([name, goal]) => ({ of: `tokens.transfer, ${name}`, to: 'pgbench', goals: [goal] })),
    })
    const { movements, problems } = await verifyLedger(handle.db)
    process.stdout.write(`ledger afterwards: ${movements} movements, ${problems.length} problems\n`)
    await measureKeyCheck(deps.keys, at(0))
  } finally {
    await handle.close()
  }
}

/** Compares the key check with the cheapest request that carries a key, called without HTTP: any other request costs more. */
async function measureKeyCheck(
  keys: { authenticate(key: string): Promise<unknown> },
  { key, userId, as }: TestAccount,
): Promise<void> {
  const checks = 200_000
  await keys.authenticate(key)
  const startedAt = performance.now()
  for (let n = 0; n < checks; n++) await keys.authenticate(key)
  const micros = ((performance.now() - startedAt) * 1000) / checks
  const ratio = micros / (1000 * (await medianMs(2000, () => as().tokens.balance({ userId }))))
  const measured = { suite: 'ledger', name: 'a warm key check', contender: 'key ring', unit: 'µs', value: micros }
  record({ ...measured, ratioTo: 'tokens.balance, without HTTP', ratio, goals: ['key check / a warm keyed request'] })
  const share = (100 * ratio).toFixed(1)
  process.stdout.write(`a warm key check: ${micros.toFixed(2)} µs, no query: ${share} % of a balance without HTTP\n`)
}
