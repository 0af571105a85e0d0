import { sqlState } from '@extropy/db'

/** Statements whose text has `$1` where values were. Others, as CREATE ROLE, may have a password in them. */
const withPlaceholders = /^\s*(select|insert|update|delete|merge|with)\b/i
const firstTable = /\b(?:from|into|update|merge\s+into)\s+(?:only\s+)?"?([a-z_][a-z_0-9]*)"?/i
const textLimit = 2000

/** A statement's name in a trace: few different names, and no value. */
export function describeStatement(sql: string): {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
} {
  const operation = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'STATEMENT'
  const isShown = withPlaceholders.test(sql)
  const table = isShown ? firstTable.exec(sql)?.[1] : undefined
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
      ...(isShown ? { 'db.query.text': sql.slice(0, textLimit) } : {}),
    },
  }
}

export function errorType(error: unknown): string {
  return sqlState(error) ?? (error instanceof Error ? error.name : 'unknown')
}
