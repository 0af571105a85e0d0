/** One way to run the server: the same code, the same requests. */
export interface Mode {
  readonly name: string
  readonly indexes: boolean
  readonly cache: boolean
  readonly env: Readonly<Record<string, string>>
}

/** What only a primary key, a unique constraint or a unique index holds up, and statements that are planned each time. */
const before = { indexes: false, cache: false }
const unprepared = { DATABASE_PREPARED_STATEMENTS: 'off' }

export const oldPool: Mode = {
  ...before,
  name: 'before',
  // SQLAlchemy's default, in whose words the replaced service's health page speaks: five, and ten more in a burst.
  env: { ...unprepared, DATABASE_POOL_SIZE: '5', DATABASE_POOL_MAX: '15' },
}

export const noPool: Mode = {
  ...before,
  name: 'before, no connection reused',
  env: { ...unprepared, DATABASE_POOL_SIZE: '0', DATABASE_POOL_MAX: '15', DATABASE_POOL_MAX_USES: '1' },
}

/** As it is delivered. */
export const after: Mode = { name: 'after', indexes: true, cache: true, env: {} }

export const modes: readonly Mode[] = [oldPool, noPool, after]
