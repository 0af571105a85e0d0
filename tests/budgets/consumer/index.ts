import { createClient, type Inputs, isExtropyError, type Outputs } from '@extropy/client'

/** A front end's use of the client, for the compiler to count: see ../limits.ts. */
const extropy = createClient({ url: 'http://localhost:8000', apiKey: 'extro_live_x' })

export const search = (input: Inputs['query']['rag']): Promise<Outputs['query']['rag']> =>
  extropy.query.rag.query(input)

export async function page(userId: string, cardId: string) {
  const cards = await extropy.cards.list.query({ limit: 20, userId })
  const card = await extropy.cards.byId.query({ id: cardId })
  const graph = await extropy.attributions.graph.query({ cardId, depth: 3 })
  const { balance } = await extropy.tokens.balance.query({ userId })
  const me = await extropy.users.me.query()
  const contents = await extropy.contents.list.query({})
  return { cards: cards.items.map(({ title }) => title), card, graph, balance, me, next: contents.nextCursor }
}

export async function publish(title: string): Promise<string | undefined> {
  try {
    const { published } = await extropy.cards.publish.mutate({ cards: [{ title, body: '', privacyLevel: 'IDEAS' }] })
    return published[0]?.id
  } catch (error) {
    if (isExtropyError(error)) return error.data?.reason
    throw error
  }
}
