import pg from 'pg'
import type { OpenContender } from '../reads.ts'
import { statements } from '../statements.ts'

/** `pg` with a pool of its default size and named statements, which its docs recommend for what runs again and again. */
export const open: OpenContender = async (connectionString) => {
  const pool = new pg.Pool({ connectionString })
  const query = async (name: keyof typeof statements, values: string[]) =>
    (await pool.query({ name, text: statements[name], values })).rows
  return {
    reads: {
      'primary key': ({ userId }) => query('primary key', [userId]),
      '20 cards with their users': () => query('20 cards with their users', []),
      'join of 4 tables': ({ attributionId }) => query('join of 4 tables', [attributionId]),
    },
  }
}
