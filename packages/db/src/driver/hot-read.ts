import { type CompiledQuery, createQueryId, type Kysely, type RootOperationNode } from 'kysely'
import type { Database } from '../database.ts'
import { preparePlan } from '../dependencies/recorder.ts'
import { copyScope } from './scopes.ts'

/** Anything that Kysely can compile to a query with rows: a select, or `sql` made one by `.$castTo`. */
interface CompilableRead<Row> {
  compile(): CompiledQuery<Row>
}

class Placeholder {
  readonly key: string
  constructor(key: string) {
    this.key = key
  }
}

const hotReads = new WeakMap<RootOperationNode, string>()

/** The statement name of a declared hot read; undefined for every other query. */
export function hotReadName(query: RootOperationNode): string | undefined {
  return hotReads.get(query)
}

/** Forms of one hot read that are kept; every optional key of its input doubles how many there can be. */
const maxForms = 64

/**
 * Declares a short read that runs all the time: built and compiled once, prepared from its first run on, and sent on the
 * lane of pipelined connections where it is not part of a transaction. `build` must hand the input's values to the query
 * as they are, since it is called with placeholders; it may ask whether a key is `undefined`: the read has a form for
 * each set of keys that are there. Keys in `literals` keep their values and are part of the form: a LIMIT must stand in
 * the text, since without knowing it PostgreSQL plans the statement anew each time. A form whose plan hangs on its values (see statement-names.ts) is compiled once, too,
 * but runs on the pool.
 *
 * @example
 * const findUser = hotRead('users.findUser', (db, input: { id: string }) =>
 *   db.selectFrom('users').select('username').where('id', '=', input.id))
 * const [user] = await findUser(db, { id })
 */
export function hotRead<Input extends object, Row>(
  name: string,
  build: (db: Kysely<Database>, input: Input) => CompilableRead<Row>,
  { literals = [] }: { readonly literals?: readonly (keyof Input & string)[] } = {},
): (db: Kysely<Database>, input: Input) => Promise<Row[]> {
  const forms = new Map<string, CompiledQuery<Row>>()
  const formOf = (db: Kysely<Database>, input: Input): CompiledQuery<Row> => {
    const keys = Object.keys(input).filter((key) => input[key as keyof Input] !== undefined)
    const shape = `${keys.join()} ${literals.map((key) => input[key]).join()}`
    let form = forms.get(shape)
    if (form === undefined) {
      const values = Object.fromEntries(literals.map((key) => [key, input[key]]))
      form = build(db, { ...placeholders<Input>(keys), ...values }).compile()
      preparePlan(form.query, form.parameters)
      if (forms.size < maxForms) {
        hotReads.set(form.query, forms.size === 0 ? name : `${name} ${forms.size}`)
        forms.set(shape, form)
      }
    }
    return form
  }
  return async (db, input) => {
    const { sql, query, parameters: template } = formOf(db, input)
    const queryId = createQueryId()
    copyScope(db, queryId)
    const parameters = template.map((value) => (value instanceof Placeholder ? input[value.key as keyof Input] : value))
    // Straight to the driver, whose rows need no plugin.
    const compiled = { sql, query, queryId, parameters } as CompiledQuery<Row>
    const { rows } = await db.getExecutor().provideConnection((connection) => connection.executeQuery<Row>(compiled))
    return rows
  }
}

/** Each property is its own name; a misuse, such as `input.limit + 1`, shows at once as text that no column takes. */
function placeholders<Input extends object>(keys: readonly string[]): Input {
  return Object.fromEntries(keys.map((key) => [key, new Placeholder(key)])) as Input
}
