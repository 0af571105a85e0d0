import { parseArgs } from 'node:util'

/** The command line of `pnpm bench`; a suite gets the options that it does not know of, too, and leaves them alone. */
export function parseArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: {
      keep: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      part: text,
      file: text,
      collection: text,
      database: text,
      pgbench: text,
      seconds: text,
      port: text,
      suite: text,
      rounds: text,
    },
  })
}
