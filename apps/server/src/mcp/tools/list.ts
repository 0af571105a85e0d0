import { platforms } from '@extropy/db'
import { z } from 'zod'
import type { Fence } from '../fence.ts'
import { fitPage } from '../token-budget.ts'
import { type Caller, cursor, defineTool, maxTokens, nextCursor } from '../tool.ts'

const kinds = ['contents', 'authors', 'cards', 'sources', 'research', 'subscriptions', 'jobs'] as const

interface Row {
  readonly id: string
  /** Not yet fenced. */
  readonly title: string
  readonly detail: string
  readonly date: string | null
}

interface Page {
  readonly items: readonly Row[]
  readonly nextCursor: string | null
}

interface Filters {
  readonly platform?: (typeof platforms)[number] | undefined
  readonly authorId?: string | undefined
  readonly search?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export const listTool = defineTool({
  name: 'list',
  description:
    'Pages through contents (newest first), authors, published cards, or your own sources, research sessions, subscriptions and jobs. To find something by its subject, use search.',
  annotations: { readOnlyHint: true },
  input: z.strictObject({
    kind: z.enum(kinds),
    platform: z.enum(platforms).optional().describe('contents, authors, sources'),
    authorId: z.string().optional().describe('contents'),
    search: z.string().max(200).optional().describe('authors, cards: words of the name or text'),
    limit: z.number().int().min(1).max(100).default(20),
    maxTokens,
    cursor,
  }),
  output: z.object({
    items: z.array(
      z.object({ id: z.string(), title: z.string(), detail: z.string().nullable(), date: z.string().nullable() }),
    ),
    nextCursor,
  }),
  async run({ caller, fence, room }, { kind, maxTokens: _, ...filters }) {
    const read = readers[kind]
    const page = await read(caller, given(filters))
    const rows = fitPage(page.items.map(makeRow(fence)), room)
    if (rows.length === page.items.length) return { items: rows, nextCursor: page.nextCursor }
    // A page of just these rows has the cursor behind the last of them.
    const shorter = await read(caller, { ...given(filters), limit: rows.length })
    return { items: rows, nextCursor: shorter.nextCursor }
  },
})

/** What was left out stays out: the schemas of lists know no key with nothing in it. */
function given(filters: Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as unknown as Filters
}

const makeRow =
  (fence: Fence) =>
  ({ id, title, detail, date }: Row) =>
  (longest: number) => ({
    id,
    title: fence.around(title, Math.min(200, longest)),
    detail: detail === '' ? null : fence.around(detail, Math.min(200, longest)),
    date,
  })

/** A filter that a kind does not have is refused by its procedure, by name. */
const readers: Readonly<Record<(typeof kinds)[number], (caller: Caller, filters: Filters) => Promise<Page>>> = {
  contents: async (caller, filters) => {
    const page = await caller.contents.list(filters as never)
    return pageOf(page, ({ id, title, author, platform, publishedAt }) => ({
      id,
      title,
      detail: `${author}, ${platform}`,
      date: publishedAt,
    }))
  },
  authors: async (caller, filters) => {
    const page = await caller.authors.list(filters as never)
    return pageOf(page, ({ id, displayName, username, platform, contentCount }) => ({
      id,
      title: displayName,
      detail: `@${username}, ${platform}, ${contentCount} contents`,
      date: null,
    }))
  },
  cards: async (caller, filters) => {
    const page = await caller.cards.list(filters as never)
    return pageOf(page, ({ id, title, body, publishedAt }) => ({ id, title, detail: body, date: publishedAt }))
  },
  sources: async (caller, filters) => {
    const page = await caller.sources.list(filters as never)
    return pageOf(page, ({ id, label, platform, status, lastFetchedAt }) => ({
      id,
      title: label,
      detail: `${platform}, ${status}`,
      date: lastFetchedAt,
    }))
  },
  research: async (caller, filters) => {
    const page = await caller.researchSessions.list(filters as never)
    return pageOf(page, ({ id, name, status, createdAt }) => ({ id, title: name, detail: status, date: createdAt }))
  },
  subscriptions: async (caller, filters) => {
    const page = await caller.subscriptions.list(filters as never)
    return pageOf(page, ({ id, kind, name, answeredAt }) => ({ id, title: name, detail: kind, date: answeredAt }))
  },
  jobs: async (caller, filters) => {
    const page = await caller.jobs.list(filters as never)
    return pageOf(page, ({ id, kind, subject, status, createdAt }) => ({
      id,
      title: subject ?? kind,
      detail: `${kind}, ${status}`,
      date: createdAt,
    }))
  },
}

function pageOf<Item>(page: { items: readonly Item[]; nextCursor: string | null }, toRow: (item: Item) => Row): Page {
  return { items: page.items.map(toRow), nextCursor: page.nextCursor }
}
