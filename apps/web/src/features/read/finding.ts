import { rangesOf } from './mark-passage.ts'

export interface FindingSpan {
  readonly part: 'title' | 'body'
  readonly start: number
  readonly end: number
}

const name = 'finding'

/**
 * Paints the words of a finding in the text that is shown, by the browser's own highlights, which change nothing in the document.
 * The element that the first of them stands in; undefined where none of them is shown.
 */
export function showFinding(spans: readonly FindingSpan[], body: string): Element | undefined {
  const ranges = [...inTitle(spans), ...inBody(spans, body)]
  if ('highlights' in CSS) CSS.highlights.set(name, new Highlight(...ranges))
  return ranges[0]?.startContainer.parentElement ?? undefined
}

export function hideFinding(): void {
  if ('highlights' in CSS) CSS.highlights.delete(name)
}

function inTitle(spans: readonly FindingSpan[]): Range[] {
  const title = document.querySelector('.read h1')?.firstChild
  if (!(title instanceof Text)) return []
  return spans
    .filter(({ part, end }) => part === 'title' && end <= title.data.length)
    .map(({ start, end }) => {
      const range = document.createRange()
      range.setStart(title, start)
      range.setEnd(title, end)
      return range
    })
}

/** A long text is shown in parts: what stands in one that is not shown yet is not found. */
function inBody(spans: readonly FindingSpan[], body: string): Range[] {
  const shown = document.querySelector('.read article')
  if (shown === null) return []
  const passages = spans
    .filter(({ part }) => part === 'body')
    .map(({ start, end }) => ({ markdown: body.slice(start, end), about: start / body.length }))
  return rangesOf(shown, passages)
}
