import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { BenchCase } from './bench-case.ts'
import { machine } from './machine.ts'

/**
 * `pnpm bench [NAME] [--quick]`: runs the case in `cases/NAME.bench.ts`, or all of them in turn.
 * Exit status: 0 done, 1 a case failed, 2 the call was wrong.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    quick: { type: 'boolean', default: false },
    file: { type: 'string' },
    collection: { type: 'string' },
    database: { type: 'string' },
    part: { type: 'string' },
    pgbench: { type: 'string' },
  },
})
const known = readdirSync(new URL('./cases/', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .sort()

const [name] = positionals
if (name !== undefined && !known.includes(name)) {
  process.stderr.write(`bench: no case named ${name}; there is: ${known.join(', ')}\n`)
  process.exit(2)
}

process.stdout.write(`${machine()}\n`)
for (const each of name === undefined ? known : [name]) {
  const { bench } = (await import(`./cases/${each}.bench.ts`)) as { bench: BenchCase }
  process.stdout.write(`\n## ${each}: ${bench.title}\n`)
  await bench.run({ quick: values.quick === true, options: values })
}
