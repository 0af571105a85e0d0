import { z } from 'zod'
import { countJsonTokens, fitRows } from '../token-budget.ts'
import { defineTool, plainUrl } from '../tool.ts'
import { questionInput } from './search.ts'

export const answerTool = defineTool({
  name: 'answer',
  description:
    'Answers a question from the collection alone, sentence by sentence, each with the receipts that prove it (read one to see the words it stands on). Where the collection does not know, notice says so: do not fill the gap.',
  annotations: { readOnlyHint: true },
  input: z.strictObject({ question: z.string().max(8000), ...questionInput }),
  output: z.object({
    sentences: z.array(z.object({ text: z.string(), receipts: z.array(z.string()), passages: z.array(z.string()) })),
    sources: z.array(
      z.object({
        passage: z.string(),
        title: z.string(),
        author: z.string(),
        publishedAt: z.string().nullable(),
        url: z.string().nullable(),
      }),
    ),
    kind: z.string().describe('generated or extracted'),
    complete: z.boolean(),
    notice: z.string().nullable(),
  }),
  async run({ caller, fence, room }, { question, maxTokens: _, ...filter }) {
    const sentences: Said[] = []
    let passages: Found[] = []
    let done: Done | undefined
    for await (const event of await caller.query.answer({ prompt: question, ...filter })) {
      if (event.type === 'passages') passages = event.passages
      else if (event.type === 'sentence') sentences.push(event)
      else done = event
    }
    const notice = done?.notice == null ? null : fence.around(done.notice, 500)
    const left = room - countJsonTokens(notice) - 30
    const makers = sentences.map((said) => (longest: number) => ({
      text: fence.around(said.text, longest),
      receipts: said.receipts.slice(0, 3).map(({ id }) => id),
      passages: said.citations.slice(0, 3),
    }))
    // A third stays for the sources, without which a sentence is only half said.
    const rows = fitRows(makers, Math.floor((left * 2) / 3))
    const cited = new Set(rows.flatMap((row) => row.passages))
    const sourceMakers = passages
      .filter(({ passage }) => cited.has(passage.id))
      .map(({ passage, content }) => (longest: number) => ({
        passage: passage.id,
        title: fence.around(content.title, Math.min(200, longest)),
        author: fence.around(content.author, Math.min(100, longest)),
        publishedAt: content.publishedAt,
        url: plainUrl(content.sourceUrl),
      }))
    const sources = fitRows(sourceMakers, left - rows.reduce((sum, row) => sum + countJsonTokens(row) + 1, 0))
    const complete = done?.complete === true && rows.length === sentences.length
    return { sentences: rows, sources, kind: done?.kind ?? ('extracted' as string), complete, notice }
  },
})

interface Said {
  readonly text: string
  readonly citations: string[]
  readonly receipts: readonly { readonly id: string }[]
}
interface Found {
  readonly passage: { readonly id: string }
  readonly content: {
    readonly title: string
    readonly author: string
    readonly publishedAt: string | null
    readonly sourceUrl: string
  }
}
interface Done {
  readonly kind: 'generated' | 'extracted'
  readonly complete: boolean
  readonly notice: string | null
}
