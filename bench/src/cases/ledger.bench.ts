import { verifyLedger } from '@extropy/api'
import { createAccount, createTestDeps, type TestAccount } from '@extropy/api/testing'
import { createDatabase } from '@extropy/db'
import type { TestDatabase } from '@extropy/db/testing'
import type { BenchCase } from '../bench-case.ts'
import { withServerDatabase } from '../databases.ts'
import { medianMs } from '../db/measure.ts'
import { preparePgbench, runPgbench } from '../pgbench.ts'
import { quantile } from '../quantiles.ts'
import { recordRounds } from '../ratio.ts'
import { record, recordData } from '../results.ts'

const callers = 16

/**
 * Transfers through the procedure, without HTTP, beside `pgbench` on the same server, in turns. `spread`: between 1,000
 * accounts; `keyed`: each with an Idempotency-Key; `hot`: all from one account.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: `tokens.transfer, ${callers} callers, against pgbench TPC-B-like, prepared`,
  async run({ quick }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    await withServerDatabase(serverUrl, (database) => transfers(database, quick))
  },
}

async function transfers(database: TestDatabase, quick: boolean): Promise<void> {
  const handle = await createDatabase({ url: database.url, pool: { size: callers, maxSize: callers } })
  try {
    await preparePgbench(database.url)
    const deps = await createTestDeps(handle)
    const accounts: TestAccount[] = []
    for (let made = 0; made < (quick ? 200 : 1000); made++)
      accounts.push(await createAccount(deps, { tokens: '1000000' }))
    recordData(`${accounts.length} accounts`)
    const seconds = quick ? 0.5 : 2
    const rates: Record<string, number[]> = { pgbench: [], spread: [], keyed: [], hot: [] }
    const latenciesMs: number[] = []
    const at = (n: number) => accounts[n % accounts.length] as TestAccount
    const random = () => Math.floor(Math.random() * accounts.length)
    const pair = () => {
      const from = random()
      return [at(from), at(from + 1 + Math.floor(Math.random() * (accounts.length - 1)))] as const
    }
    const transfer = async ([from, to]: readonly [TestAccount, TestAccount], key?: string) => {
      const sentAt = performance.now()
      await from.as(key).tokens.transfer({ toUserId: to.userId, amount: '0.01' })
      latenciesMs.push(performance.now() - sentAt)
    }
    let keys = 0
    await measure(1, () => transfer(pair()))
    latenciesMs.length = 0
    for (let round = 0; round < (quick ? 3 : 4); round++) {
      rates.pgbench?.push(await runPgbench(database.url, Math.ceil(seconds)))
      rates.spread?.push(await measure(seconds, () => transfer(pair())))
      rates.keyed?.push(await measure(seconds, () => transfer(pair(), `bench-${keys++}`)))
      rates.hot?.push(
        await measure(seconds, () => transfer([at(0), at(1 + Math.floor(Math.random() * (accounts.length - 1)))])),
      )
    }
    report(rates)
    recordRates(rates, latenciesMs)
    process.stdout.write(
      `  latency of all transfers: p50 ${quantile(latenciesMs, 0.5).toFixed(2)} ms, p99 ${quantile(latenciesMs, 0.99).toFixed(2)} ms\n`,
    )
    const { movements, problems } = await verifyLedger(handle.db)
    process.stdout.write(`  ledger afterwards: ${movements} movements, ${problems.length} problems\n`)
    const balance = () =>
      at(0)
        .as()
        .tokens.balance({ userId: at(0).userId })
    await measureKeyCheck(deps.keys, at(0).key, balance)
  } finally {
    await handle.close()
  }
}

/** Calls a second, from so many callers for so long. */
async function measure(seconds: number, call: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  let calls = 0
  const caller = async () => {
    while (performance.now() < until) {
      await call()
      calls++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (calls / (performance.now() - startedAt)) * 1000
}

function report(rates: Readonly<Record<string, readonly number[]>>): void {
  const median = (name: string) => quantile(rates[name] ?? [], 0.5)
  for (const [name, samples] of Object.entries(rates)) {
    const share = (median(name) / median('pgbench')).toFixed(2)
    const rounds = samples.map((rate) => rate.toFixed(0)).join(', ')
    process.stdout.write(
      `  ${name.padEnd(8)} ${median(name).toFixed(0).padStart(6)}/s  ${share} × pgbench  (${rounds})\n`,
    )
  }
}

function recordRates(rates: Readonly<Record<string, readonly number[]>>, latenciesMs: readonly number[]): void {
  const { pgbench = [] } = rates
  const suite = 'ledger'
  for (const [contender, rounds] of Object.entries(rates)) {
    const isLimit = contender === 'pgbench'
    recordRounds({
      suite,
      name: `transfers, ${callers} callers`,
      contender: isLimit ? contender : `tokens.transfer, ${contender}`,
      unit: 'transfers/s',
      rounds,
      limit: isLimit,
      against: isLimit ? undefined : { contender: 'pgbench', rounds: pgbench },
    })
  }
  const name = `latency of a transfer, ${callers} callers`
  recordRounds({ suite, name, contender: 'tokens.transfer', unit: 'ms', rounds: latenciesMs })
}

/** Beside the cheapest request that a key is sent with, and that one without its HTTP: anything else costs more. */
async function measureKeyCheck(
  keys: { authenticate(key: string): Promise<unknown> },
  key: string,
  request: () => Promise<unknown>,
): Promise<void> {
  const checks = 200_000
  await keys.authenticate(key)
  const startedAt = performance.now()
  for (let n = 0; n < checks; n++) await keys.authenticate(key)
  const microseconds = ((performance.now() - startedAt) * 1000) / checks
  const requestMs = await medianMs(2000, request)
  const ratio = microseconds / (requestMs * 1000)
  const against = { ratioTo: 'tokens.balance, without HTTP', ratio }
  record({
    suite: 'ledger',
    name: 'a warm key check',
    contender: 'key ring',
    unit: 'µs',
    value: microseconds,
    ...against,
  })
  process.stdout.write(
    `  a warm key check: ${microseconds.toFixed(2)} µs, no query: ${(100 * ratio).toFixed(1)} % of a balance without HTTP\n`,
  )
}
