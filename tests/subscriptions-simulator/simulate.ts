import { createTestDeps, measureUntouched, simulateSubscriptions } from '@extropy/api/testing'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { runCommand, UsageError } from '@extropy/server/command'

const usage = `usage: pnpm subscriptions:simulate [--questions N] [--contents N] [--batch N] [--seed N]

Watches questions while contents come in random order, and compares after each batch what was told with what brute force finds; then measures
a write that touches none of them. On a database of its own beside the one that TEST_DATABASE_URL names, or on an embedded one where it names none.
The exit status is 0 where both are the same, nothing was told of no change, and no question was made anew twice for a batch.
`
const options = {
  questions: { type: 'string', default: '100' },
  contents: { type: 'string', default: '10000' },
  batch: { type: 'string', default: '100' },
  seed: { type: 'string', default: '7' },
} as const

await runCommand({ usage, options }, async (values) => {
  const [questions, contents, batch, seed] = [values.questions, values.contents, values.batch, values.seed].map(Number)
  if (!isCount(questions) || !isCount(contents) || !isCount(batch) || !isCount(seed)) {
    throw new UsageError('--questions, --contents, --batch and --seed must be whole numbers')
  }
  // As many as a user may have.
  if (questions > 100) throw new UsageError('--questions must be at most 100')
  const template = await createTemplate(process.env.TEST_DATABASE_URL)
  const database = await createTestDatabase(template)
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0)
  try {
    const deps = await createTestDeps(database)
    const { batches, told, recomputed, mostOfOne, problems } = await simulateSubscriptions(deps, {
      questions,
      contents,
      batch,
      seed,
      onBatch: (report) =>
        process.stderr.isTTY &&
        process.stderr.write(`\r\x1b[K${report.batches * batch} of ${contents}, ${report.told} told`),
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    process.stdout.write(
      `${database.kind}, seed ${seed}: ${questions} questions, ${contents} contents in ${batches} batches, ${told} differences told, ${recomputed} answers made anew, at most ${mostOfOne} of a question for a batch, ${problems.length} problems, ${seconds()} s\n`,
    )
    for (const problem of problems.slice(0, 20)) process.stdout.write(`  ${problem}\n`)
    const { writes, withoutMs, withMs, lookMs } = await measureUntouched(deps, await createTestDeps(database))
    process.stdout.write(
      `A write that touches none, medians of ${writes}: ${withoutMs.toFixed(2)} ms where nobody follows, ${withMs.toFixed(2)} ms where somebody does; ${lookMs.toFixed(2)} ms to look, once a batch, which questions it touches\n`,
    )
    return problems.length === 0 && mostOfOne <= 1 ? 0 : 1
  } finally {
    await database.close()
    await removeTemplate(template)
  }
})

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && (value as number) > 0
}
