import { type CompiledQuery, type Kysely, type OperationNode, sql } from 'kysely'
import type pg from 'pg'
import { toSnakeCase } from '../column-names.ts'
import { planRead, type ReadPlan } from './read-plan.ts'
import { tagsOfRead } from './read-tags.ts'
import { findFacts, type TableFacts } from './table-facts.ts'
import { planWrite, type WritePlan } from './write-plan.ts'
import { tagsOfAnything, tagsOfShown, tagsOfWrite } from './write-tags.ts'

/** The reads and changes of one call's queries, as tags: see tags.ts. */
interface Recorder {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
  /** The reason why the answer must not be kept: a dependency that no tag stands for. */
  readonly unknown: string | undefined
}

/** A row that a raw statement changes, unseen by Kysely: see `withTouched`. */
export interface Touched {
  /** The table's name in the database. */
  readonly table: string
  readonly kind: 'insert' | 'update' | 'delete'
  /** Columns of an update, as in TypeScript. */
  readonly changed?: readonly string[]
  /** Key columns that keep these values; of a column that is not here, nothing is known. */
  readonly keys: Readonly<Record<string, string | null>>
}

export function createRecorder(): QueryRecorder {
  return new QueryRecorder()
}

/** The plan of a query that is compiled once, with the placeholders of its values. */
interface Prepared {
  readonly plan: ReadPlan
  readonly placeholders: readonly unknown[]
}

const prepared = new WeakMap<OperationNode, Prepared>()

/** Tells the recorder that this query comes again and again, with placeholders in the place of its values. */
export function preparePlan(query: OperationNode, placeholders: readonly unknown[]): void {
  prepared.set(query, { plan: planRead(query), placeholders })
}

export class QueryRecorder implements Recorder {
  readonly reads = new Set<string>()
  readonly writes = new Set<string>()
  unknown: string | undefined
  /** Rows that show or hide others: those have to be looked up, once all is committed. */
  readonly #shown: { readonly facts: TableFacts; readonly ids: readonly unknown[] }[] = []

  addTouched(touched: readonly Touched[]): void {
    for (const { table, kind, changed = [], keys } of touched) {
      const facts = findFacts(table)
      if (facts === undefined) throw new TypeError(`The touched table ${table} does not exist`)
      const known = new Map(Object.entries(keys).map(([name, value]) => [toSnakeCase(name), value]))
      const plan = { facts, kind, changed: new Set(changed.map(toSnakeCase)), before: new Map() } as const
      this.#noteShown(plan, [facts.keys.map((key) => known.get(key))])
      this.#add(tagsOfWrite(plan, [facts.keys.map((key) => known.get(key))], { isNew: false, cascades: true }))
    }
  }

  /** Adds the changes of an earlier run of the same call. */
  addWrites(tags: readonly string[]): void {
    this.#add(tags)
  }

  addQuery({ query, parameters }: CompiledQuery, { fields, rows }: pg.QueryArrayResult, changes: Changes | undefined) {
    if (changes !== undefined) {
      this.#add(tagsOfWrite(changes.plan, changes.rows, changes))
      if (!changes.isNew) this.#noteShown(changes.plan, changes.rows)
      if ('with' in query) for (const table of planRead(query).writes) this.#add(tagsOfAnything(table))
      return
    }
    const { plan, placeholders } = prepared.get(query) ?? { plan: planRead(query), placeholders: undefined }
    this.unknown ??= plan.unknown
    for (const table of new Set(plan.writes)) this.#add(tagsOfAnything(table))
    const tags = tagsOfRead(plan, {
      resolve: (value) => {
        const at = placeholders?.indexOf(value) ?? -1
        return at === -1 ? value : parameters[at]
      },
      resultColumn: (name) => {
        const at = fields.findIndex((field) => field.name === name)
        // Of two columns of one name, nobody knows which is meant.
        const isOne = at !== -1 && fields.findLastIndex((field) => field.name === name) === at
        return isOne ? rows.map((row) => row[at]) : undefined
      },
    })
    for (const tag of tags) this.reads.add(tag)
  }

  /** Records a failed statement, whose effect is unknown. */
  addFailed(query: OperationNode): void {
    const { facts } = planWrite(query) ?? {}
    const tables = facts === undefined ? planRead(query).writes : [facts.name]
    for (const table of tables) this.#add(tagsOfAnything(table))
  }

  #noteShown({ facts, kind, changed }: Omit<WritePlan, 'returning'>, rows: readonly (readonly unknown[])[]): void {
    if (kind === 'delete' || changed.isDisjointFrom(facts.visibility)) return
    const at = facts.keys.indexOf(facts.primaryKey ?? '')
    this.#shown.push({ facts, ids: rows.map((row) => row[at]) })
  }

  /**
   * Adds the rows of other tables that the changes show or hide. To be called after the last commit: a row written meanwhile
   * names itself.
   */
  async addShown<DB>(db: Kysely<DB>): Promise<void> {
    for (const { facts, ids } of this.#shown.splice(0)) {
      for (const { table, column } of facts.referencedBy) {
        const other = findFacts(table)
        if (other === undefined) continue
        const rows = await findReferring(db, other, column, ids).catch(() => undefined)
        this.#add(rows === undefined ? tagsOfAnything(table) : tagsOfShown(other, rows))
      }
    }
  }

  #add(tags: readonly string[]): void {
    for (const tag of tags) this.writes.add(tag)
  }
}

/** The rows that a write returned: their key columns alone. */
export interface Changes {
  readonly plan: WritePlan
  readonly rows: readonly (readonly unknown[])[]
  readonly isNew: boolean
  /** Whether rows of other tables may have been deleted with these. */
  readonly cascades: boolean
}

/** The key columns of the rows that reference one of these. Undefined where an id is not known. */
async function findReferring<DB>(
  db: Kysely<DB>,
  { name, keys }: TableFacts,
  column: string,
  ids: readonly unknown[],
): Promise<unknown[][] | undefined> {
  if (ids.includes(undefined)) return undefined
  const columns = sql.join(keys.map((key) => sql.ref(key)))
  const { rows } = await sql<{ keys: unknown[] }>`
    select json_build_array(${columns}) as keys from ${sql.table(name)} where ${sql.ref(column)} = any(${ids})`.execute(
    db,
  )
  return rows.map((row) => row.keys)
}
