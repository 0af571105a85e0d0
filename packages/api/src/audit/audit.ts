import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { Principal } from '../auth/principal.ts'

/** The user, key, address and request of an action: a procedure's context has all of them. */
export interface Actor {
  readonly principal: Principal
  /** The caller's network address. */
  readonly address: string | undefined
  readonly requestId: string
}

export interface Act {
  /** The procedure: `keys.revoke`. */
  readonly action: string
  /** The id of the object that the action changed. */
  readonly target: string
  readonly details?: Record<string, unknown>
}

/** Writes a line that nobody can change afterwards; in the transaction of the act itself, or the act did not happen. */
export async function recordAct(
  trx: Kysely<Database>,
  { principal, address, requestId }: Actor,
  { action, target, details = {} }: Act,
): Promise<void> {
  await trx
    .insertInto('auditLog')
    .values({
      actorUserId: principal.userId,
      actorKeyId: principal.keyId,
      action,
      target,
      details: JSON.stringify(details) as never,
      address: address ?? null,
      requestId,
    })
    .execute()
}

/** Records an admin's act on another's rows. Users' acts on their own profile and jobs are not recorded. */
export async function recordActOnOther(
  trx: Kysely<Database>,
  actor: Actor,
  ownerId: string,
  { details, ...act }: Act,
): Promise<void> {
  if (actor.principal.userId === ownerId) return
  await recordAct(trx, actor, { ...act, details: { ...details, ownerId } })
}
