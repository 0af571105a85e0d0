import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import type { Span } from './mark.ts'
import { markPassage } from './mark-passage.ts'
import { renderMarkdown } from './markdown.ts'

interface RenderedMarkdownProps {
  readonly text: string
  readonly mark?: Span | undefined
  readonly onMarked?: (found: boolean) => void
}

/** A megabyte at once takes the parser and the browser seconds: a text is shown in parts of about this length, the next on demand. */
const partLength = 150_000

export function RenderedMarkdown({ text, mark, onMarked }: RenderedMarkdownProps) {
  const words = useText().read
  const format = useFormat()
  const parts = useMemo(() => partsOf(text), [text])
  const [asked, setAsked] = useState(1)
  const marked = mark === undefined ? -1 : parts.findIndex(({ end }) => mark.start < end)
  const shown = parts.slice(0, Math.max(asked, marked + 1))
  const left = text.length - (shown.at(-1)?.end ?? text.length)
  return (
    <>
      {shown.map(({ start, end }, index) => (
        <Part
          key={start}
          text={text.slice(start, end)}
          onMarked={onMarked}
          {...(index === marked && mark && { from: mark.start - start, to: Math.min(mark.end, end) - start })}
        />
      ))}
      {left > 0 && (
        <p className="more">
          <button type="button" onClick={() => setAsked(shown.length + 1)}>
            {words.rest(`${format.number(left / 1000)} kB`)}
          </button>
        </p>
      )}
    </>
  )
}

interface PartProps {
  readonly text: string
  /** The place to mark; nothing where it is left out. */
  readonly from?: number
  readonly to?: number
  readonly onMarked: ((found: boolean) => void) | undefined
}

function Part({ text, from = 0, to = 0, onMarked }: PartProps) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const fragment = renderMarkdown(text)
    const isMarked = to > 0 && markPassage(fragment, text.slice(from, to), from / text.length)
    place.current?.replaceChildren(fragment)
    if (to === 0) return
    onMarked?.(isMarked)
    place.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
  }, [text, from, to, onMarked])
  return <div ref={place} className="prose" dir="auto" />
}

/** Cut at ends of paragraphs, where there are any. */
function partsOf(text: string): Span[] {
  const parts: Span[] = []
  let start = 0
  while (text.length - start > partLength * 1.2) {
    const paragraph = text.indexOf('\n\n', start + partLength)
    const end = paragraph < 0 || paragraph - start > partLength * 2 ? start + partLength : paragraph
    parts.push({ start, end })
    start = end
  }
  return [...parts, { start, end: text.length }]
}
