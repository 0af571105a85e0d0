import type { Session } from './research.queries.ts'

export type SessionReceipt = NonNullable<
  Session['outputs']['answers']
>[number]['voices'][number]['sentences'][number]['receipts'][number]

export interface Footnote {
  readonly number: number
  readonly receipt: SessionReceipt
}

/**
 * A report in two: its text, whose footnote marks are links to `#receipt-N`, and the places that they stand for, each once though
 * several sentences, and voices, stand on it. A mark whose receipt the session does not have stays as it is, and so do marks that somebody wrote: the
 * report has theirs escaped.
 */
export function readFootnotes(report: string, answers: Session['outputs']['answers'] = []) {
  const receipts = answers.flatMap(({ voices }) =>
    voices.flatMap(({ sentences }) => sentences.flatMap((sentence) => sentence.receipts)),
  )
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const notes = new Map<string, Footnote>()
  const shown = new Map<string, number>()
  const withoutNotes = report.replace(
    /^\[\^(\d{1,5})\]: .*Receipt: \/api\/receipts\/(\S+)\n?/gm,
    (line, mark: string, id: string) => {
      const receipt = byId.get(id)
      if (receipt === undefined) return line
      const place = [receipt.contentId, receipt.part, receipt.start, receipt.end].join(' ')
      const note = notes.get(place) ?? { number: notes.size + 1, receipt }
      notes.set(place, note)
      shown.set(mark, note.number)
      return ''
    },
  )
  const text = withoutNotes.replace(/(?<!\\)\[\^(\d{1,5})\](?!:)/g, (whole, mark: string) => {
    const number = shown.get(mark)
    return number === undefined ? whole : `[${number}](#receipt-${number})`
  })
  return { text, notes: [...notes.values()] }
}

/** Where a receipt's words are read: at their place in the text, or at the piece for another of its fields. */
export function placeOf({ part, start, end }: SessionReceipt): { at?: string } {
  return part === 'text' ? { at: `${start}-${end}` } : {}
}
