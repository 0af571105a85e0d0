import { parseArgs } from 'node:util'
import { BadCallError } from './bench-case.ts'

const text = { type: 'string' } as const
const options = {
  help: { type: 'boolean', short: 'h', default: false },
  keep: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  part: text,
  collection: text,
  articles: text,
  pages: text,
  feeds: text,
  data: text,
  posts: text,
  database: text,
  seconds: text,
  suite: text,
  rounds: text,
} as const

/**
 * The command line of `pnpm bench`. A suite leaves the options of others alone.
 *
 * @throws BadCallError for an option that no suite has, or without the value that it takes: `--quik` is no full run
 */
export function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const names = Object.keys(options).map((name) => `--${name}`)
    throw new BadCallError(`${error.message.split('. ')[0]}; there is: ${names.join(', ')}`)
  }
}
