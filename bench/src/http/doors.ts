import { isDeepStrictEqual } from 'node:util'
import { type Answer, type HttpRequest, send } from './http-request.ts'
import type { Server } from './servers.ts'

/** How a contender is asked for what the case is about, and where its rows are in the answer. */
export interface Door {
  request(subject: string): HttpRequest
  rowsOf(answer: unknown): unknown
}

export type Doors = Readonly<Record<'rest' | 'rpc' | 'graphql', Door>>

const graphql = (query: string, variables: object = {}): HttpRequest => ({
  method: 'POST',
  path: '/graphql',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query, variables }),
})

export const rpcPath = (procedure: string, input: object): string =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`

/** The balance of the user that `subject` names. */
export const balanceDoors: Doors = {
  rest: { request: (userId) => ({ path: `/api/tokens/balance/${userId}` }), rowsOf: (answer) => answer },
  rpc: {
    request: (userId) => ({ path: rpcPath('tokens.balance', { userId }) }),
    rowsOf: (answer) => (answer as Rpc<unknown>).result.data,
  },
  graphql: {
    request: (id) =>
      graphql('query Balance($id: UUID!) { userByRowId(rowId: $id) { userId: rowId balance: extropyBalance } }', {
        id,
      }),
    rowsOf: (answer) => (answer as { data: { userByRowId: unknown } }).data.userByRowId,
  },
}

const pageOf20 = `{
  allCards(first: 20, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC], condition: { isPublished: true }) {
    nodes {
      id: rowId userId title body tags category contentId parentCardId slug createdAt publishedAt
      userByUserId { username displayName }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

/** The 20 newest published cards with their users' names. */
export const cardListDoors: Doors = {
  rest: { request: () => ({ path: '/api/cards?limit=20' }), rowsOf: (answer) => (answer as Page).items },
  rpc: {
    request: () => ({ path: rpcPath('cards.list', { limit: 20 }) }),
    rowsOf: (answer) => (answer as Rpc<Page>).result.data.items,
  },
  graphql: {
    request: () => graphql(pageOf20),
    rowsOf: (answer) =>
      (answer as { data: { allCards: { nodes: GraphqlCard[] } } }).data.allCards.nodes.map(
        ({ userByUserId, createdAt, publishedAt, ...card }) => ({
          ...card,
          createdAt: toIso(createdAt),
          publishedAt: toIso(publishedAt),
          ...userByUserId,
        }),
      ),
  },
}

type Rpc<Data> = { result: { data: Data } }
type Page = { items: unknown[] }
type GraphqlCard = { userByUserId: object; createdAt: string; publishedAt: string }

/** Its times have an offset, and six digits after the point whether there is something to say or not. */
const toIso = (time: string): string => time.replace(/\.?0*\+00:00$/, 'Z')

/** One contender of a case: who, and through which door. */
export interface Asked {
  readonly server: Server
  readonly door: Door
}

/** Before anything is timed: all contenders give the same rows for each of the subjects. */
export async function assertSameRows(
  asked: readonly Asked[],
  subjects: readonly string[],
  dress: (server: Server, request: HttpRequest) => HttpRequest,
): Promise<void> {
  for (const subject of subjects) {
    const answers: { name: string; rows: unknown }[] = []
    for (const { server, door } of asked) {
      const answer = await send(server.url, dress(server, door.request(subject)))
      answers.push({ name: server.name, rows: door.rowsOf(parse(server, answer)) })
    }
    const [first, ...others] = answers
    const different = others.find(({ rows }) => !isDeepStrictEqual(rows, first?.rows))
    if (first === undefined || different === undefined) continue
    throw new Error(
      `${first.name} and ${different.name} answer differently:\n${excerpt(first.rows)}\n${excerpt(different.rows)}`,
    )
  }
}

function parse({ name }: Server, { status, text }: Answer): unknown {
  if (status !== 200) throw new Error(`${name} answered ${status}: ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

const excerpt = (rows: unknown): string => JSON.stringify(rows).slice(0, 600)
