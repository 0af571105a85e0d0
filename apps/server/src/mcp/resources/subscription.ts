import { z } from 'zod'
import type { Fence } from '../fence.ts'
import { countJsonTokens, fitRows } from '../token-budget.ts'
import { defineTool, maxTokens } from '../tool.ts'

/** The differences that are shown beside the answer as it is now. */
const shownChanges = 5

interface Item {
  readonly contentId: string
  readonly text: string
  readonly receipts: readonly string[]
}

/** `extropy://subscriptions/{id}`: what the answer says now, and what was told last, the newest first. No tool: a client reads it. */
export const subscriptionReader = defineTool({
  name: 'subscription',
  description: '',
  annotations: { readOnlyHint: true },
  input: z.strictObject({ id: z.string(), maxTokens }),
  output: z.object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    answeredAt: z.string(),
    items: z.array(
      z.object({
        is: z.enum(['now', 'new', 'gone', 'before', 'after']),
        sequence: z.string().nullable().describe('of the difference; null: of the answer as it is now'),
        contentId: z.string(),
        text: z.string(),
        receipts: z.array(z.string()),
      }),
    ),
  }),
  async run({ caller, fence, room }, { id }) {
    const { kind, name, answeredAt, answer } = await caller.subscriptions.byId({ id })
    const { items } = await caller.subscriptions.changes({ id, limit: shownChanges })
    const said = { id, kind, name: fence.around(name, 200), answeredAt }
    const row = makeRow(fence)
    const rows = [
      ...answer.map((item) => row('now', null, item)),
      ...items.flatMap((change) => [
        ...change.new.map((item) => row('new', change.sequence, item)),
        ...change.gone.map((item) => row('gone', change.sequence, item)),
        ...change.changed.flatMap(({ before, after }) => [
          row('before', change.sequence, before),
          row('after', change.sequence, after),
        ]),
      ]),
    ]
    return { ...said, items: fitRows(rows, room - countJsonTokens(said)) }
  },
})

const makeRow =
  (fence: Fence) =>
  (is: 'now' | 'new' | 'gone' | 'before' | 'after', sequence: string | null, { contentId, text, receipts }: Item) =>
  (longest: number) => ({
    is,
    sequence,
    contentId,
    text: fence.around(text, Math.min(1000, longest)),
    receipts: [...receipts],
  })
