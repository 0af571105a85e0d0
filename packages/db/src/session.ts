import type pg from 'pg'
import { DatabaseSetupError } from './pg-errors.ts'

/**
 * Settings of a session that decide how values are written, how text is read, and which rows an unchanged query finds. A
 * server, a database or a role may have others; here they are the same on every connection. PostgreSQL's own defaults, but:
 * times in UTC, and tables in the schema `public`, with a schema that many hosts keep the extensions in.
 */
const pinned: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  gin_fuzzy_search_limit: '0',
  'pg_trgm.similarity_threshold': '0.3',
  search_path: 'public, extensions',
}

/** The settings that poolers carry from a client's first message to whichever session they give it, and have for long. */
const carriedByPoolers = ['DateStyle', 'TimeZone', 'standard_conforming_strings']

/** For a direct connection. The URL's own `options` stay, its `search_path` too; ours come last and win. */
export function pinSession(connectionString: string): Pick<pg.ClientConfig, 'connectionString' | 'options'> {
  const url = URL.parse(connectionString)
  const own = url?.searchParams.get('options') ?? ''
  const settings = Object.entries(pinned).filter(([name]) => name !== 'search_path' || !/\bsearch_path\b/i.test(own))
  const options = settings.map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
  if (own !== '') url?.searchParams.delete('options')
  return { connectionString: own === '' ? connectionString : url?.href, options: [own, ...options].join(' ').trim() }
}

/** For a connection through a pooler, which refuses any other setting at its start. */
export const pooledSession: Readonly<Record<string, string>> = Object.fromEntries(
  carriedByPoolers.map((name) => [name, pinned[name] as string]),
)

/** For the embedded database's one session. */
export const pinStatements: string = Object.entries(pinned)
  .map(([name, value]) => `select set_config('${name}', '${value}', false)`)
  .join('; ')

/**
 * Behind a pooler most settings are whatever the role and the database have, and nobody may change them for the others.
 *
 * @throws DatabaseSetupError that says which one is wrong, and how it is set right.
 */
export async function assertPinned(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { search_path: _, ...settings } = pinned
  const { rows } = await client.query<{ name: string; value: string | null }>(
    `select name, case name when 'search_path' then (current_schema() is not distinct from 'public')::text else current_setting(name, true) end as value
     from unnest($1::text[]) as name`,
    [[...Object.keys(settings), 'search_path']],
  )
  // An extension's setting has no value before its first use in a session.
  const wrong = rows.filter(({ name, value }) => value !== null && value !== (settings[name] ?? 'true'))
  if (wrong.length === 0) return
  const statements = wrong.map(
    ({ name }) => `ALTER ROLE … SET ${name} = ${settings[name] ? `'${settings[name]}'` : 'public'};`,
  )
  throw new DatabaseSetupError(
    `Sessions behind the pooler have settings that would change what is read: ${wrong.map(({ name }) => name).join(', ')}. Run ${statements.join(' ')} and let the pooler reconnect.`,
  )
}
