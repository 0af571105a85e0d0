const form = /^extropy:\/\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** The id of a subscription that a client wants to hear of; undefined for every other resource: those tell nothing. */
export function subscriptionOf(uri: unknown): string | undefined {
  return typeof uri === 'string' ? form.exec(uri)?.[1] : undefined
}

/** What is said of other resources. */
export const onlySubscriptions =
  'only extropy://subscriptions/{id} tells of changes: POST /api/subscriptions makes one, the tool list names yours'
