import { setTimeout } from 'node:timers/promises'
import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { changesAfter, getSubscription, type SubscriptionName } from './subscriptions.queries.ts'
import type { SubscriptionEvent } from './subscriptions.schema.ts'

const lookEveryMs = 1000

interface FollowOptions {
  readonly lastEventId?: string | undefined
  readonly waitSeconds: number
  readonly signal: AbortSignal
  readonly isStopping?: (() => boolean) | undefined
  /** Whether the caller's key still holds. Default: it does. */
  readonly mayGoOn?: (() => Promise<boolean>) | undefined
}

/**
 * Each difference as it is told, from now on or from behind the last one that the caller has seen. Another user's is refused
 * before the stream begins. @throws AppError not_found
 */
export async function followSubscription(
  db: Kysely<Database>,
  name: SubscriptionName,
  options: FollowOptions,
): Promise<AsyncGenerator<SubscriptionEvent, void>> {
  const { lastSequence } = await getSubscription(db, name)
  return eventsOf(db, name.id, options, options.lastEventId ?? lastSequence)
}

async function* eventsOf(
  db: Kysely<Database>,
  id: string,
  { waitSeconds, signal, isStopping = () => false, mayGoOn = async () => true }: FollowOptions,
  from: string,
): AsyncGenerator<SubscriptionEvent, void> {
  let seen = from
  const until = performance.now() + 1000 * waitSeconds
  while (!isStopping() && (await mayGoOn())) {
    for (const change of await changesAfter(db, id, seen)) {
      yield { type: 'change', id: change.sequence, change }
      seen = change.sequence
    }
    if (performance.now() >= until) return
    await setTimeout(lookEveryMs, undefined, { signal })
  }
}
