import { rereadTexts } from '@extropy/api'
import { type GenerateProgress, generate, migrate } from '@extropy/db'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:generate --cards N [--seed N] [--json]

Migrates an empty database and fills it with made-up rows: N cards, and users, contents, authors, attributions, ledger
and so on in proportion; skewed like life; the same for the same seed (default 1).
`

const options = {
  cards: { type: 'string', default: '' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const

await runCommand({ usage, options }, async (values) => {
  const cards = Number(values.cards)
  const seed = Number(values.seed)
  if (!/^\d+$/.test(values.cards) || cards < 1 || cards > 1e8 || !/^\d{1,9}$/.test(values.seed)) {
    throw new UsageError('--cards must be a number from 1 to 100,000,000, --seed one of at most 9 digits')
  }
  const bar = createBar(process.stderr)
  const startedAt = performance.now()
  let loadedMs = 0
  const rows = await withDatabase(async (database) => {
    await migrate(database)
    // While it is empty: what is made up needs no second reading.
    await rereadTexts(database.db)
    return generate(database, {
      cards,
      seed,
      onProgress: (progress) => {
        loadedMs = performance.now() - startedAt
        bar.draw(progress)
      },
      onStep: ({ kind, name }) => bar.note(`${kind}: ${name}`),
    })
  })
  bar.clear()
  const total = Object.values(rows).reduce((sum, count) => sum + count)
  const seconds = (performance.now() - startedAt) / 1000
  const rowsPerSecond = Math.round((total / loadedMs) * 1000)
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, total, seconds, rowsPerSecond })}\n`)
  else {
    for (const [table, count] of Object.entries(rows)) process.stdout.write(`${table}: ${count.toLocaleString('en')}\n`)
    process.stdout.write(
      `${total.toLocaleString('en')} rows at ${rowsPerSecond.toLocaleString('en')}/s; with indexes and statistics ${seconds.toFixed(1)} s\n`,
    )
  }
  return 0
})

/** One line, redrawn in place on a terminal; nothing elsewhere. */
function createBar(out: NodeJS.WriteStream) {
  const draw = (line: string) => {
    if (out.isTTY) out.write(`\r\x1b[K${line}`)
  }
  return {
    draw({ table, rows, totalRows }: GenerateProgress) {
      const share = totalRows === 0 ? 1 : rows / totalRows
      const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '░')
      draw(`${table} ${bar} ${Math.round(share * 100)} %`)
    },
    note: draw,
    clear: () => draw(''),
  }
}
