import type { Session } from './research.queries.ts'

export type SessionReceipt = NonNullable<
  Session['outputs']['answers']
>[number]['voices'][number]['sentences'][number]['receipts'][number]

export interface Footnote {
  readonly number: number
  readonly receipt: SessionReceipt
}

/**
 * A report in two: its text, whose footnote marks are links to `#receipt-N`, and the receipts that they stand for. A mark whose receipt the
 * session does not have stays as it is, and so do marks that somebody wrote: the report has theirs escaped.
 */
export function readFootnotes(report: string, answers: Session['outputs']['answers'] = []) {
  const receipts = answers.flatMap(({ voices }) =>
    voices.flatMap(({ sentences }) => sentences.flatMap((sentence) => sentence.receipts)),
  )
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const notes: Footnote[] = []
  const withoutNotes = report.replace(
    /^\[\^(\d{1,5})\]: .*Receipt: \/api\/receipts\/(\S+)\n?/gm,
    (line, number, id) => {
      const receipt = byId.get(id)
      if (receipt === undefined) return line
      notes.push({ number: Number(number), receipt })
      return ''
    },
  )
  const known = new Set(notes.map(({ number }) => number))
  const text = withoutNotes.replace(/(?<!\\)\[\^(\d{1,5})\](?!:)/g, (mark, number) =>
    known.has(Number(number)) ? `[${number}](#receipt-${number})` : mark,
  )
  return { text, notes }
}

/** Where a receipt's words are read: at their place in the text, or at the piece for another of its fields. */
export function placeOf({ part, start, end }: SessionReceipt): { at?: string } {
  return part === 'text' ? { at: `${start}-${end}` } : {}
}
