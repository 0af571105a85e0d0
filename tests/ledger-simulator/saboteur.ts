import { setTimeout } from 'node:timers/promises'
import { createDatabase, isUnavailable, sqlState, sqlStates } from '@extropy/db'
import { sql } from 'kysely'
import type { SimulatedUser } from './model.ts'
import type { Random } from './random.ts'

export interface Sabotage {
  killedConnections: number
  stop(): Promise<void>
}

/**
 * Causes failures while the servers work: locks pairs of accounts in the wrong order, so that transfers deadlock
 * with it, and kills the servers' connections under their statements.
 */
export async function startSabotage(url: string, random: Random, users: readonly SimulatedUser[]): Promise<Sabotage> {
  const { db, close } = await createDatabase({ url, pool: { size: 2, maxSize: 4 } })
  let stopped = false
  const sabotage: Sabotage = {
    killedConnections: 0,
    async stop() {
      if (stopped) return
      stopped = true
      await Promise.all(loops)
      await close()
    },
  }
  const crossLocks = async () => {
    while (!stopped) {
      const [high, low] = [random.integer(4), random.integer(4)]
        .map((n) => users[n]?.userId as string)
        .sort()
        .reverse()
      try {
        await db.transaction().execute(async (trx) => {
          await sql`select from users where id = ${high} for update`.execute(trx)
          await sql`select pg_sleep(0.005)`.execute(trx)
          await sql`select from users where id = ${low} for update`.execute(trx)
        })
      } catch (error) {
        // Every deadlock has one loser, sometimes here; and its own connections get killed too.
        if (sqlState(error) !== sqlStates.deadlockDetected && !isUnavailable(error)) throw error
      }
      await setTimeout(150)
    }
  }
  const killConnections = async () => {
    while (!stopped) {
      await setTimeout(500 + random.integer(1000))
      const { rows } = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'extropy%' and state <> 'idle'
          and pid <> pg_backend_pid() and query not like '%for update%'
        limit 2`.execute(db)
      sabotage.killedConnections += rows.length
    }
  }
  const loops = [crossLocks(), killConnections()]
  return sabotage
}
