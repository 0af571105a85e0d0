import { useLayoutEffect, useRef, useState } from 'react'
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

/** A megabyte takes the parser and the browser seconds: so much is shown at once, and the rest on demand. */
const shownAtOnce = 150_000

export function RenderedMarkdown({ text, mark, onMarked }: RenderedMarkdownProps) {
  const words = useText().read
  const format = useFormat()
  const place = useRef<HTMLDivElement>(null)
  const [isWhole, setIsWhole] = useState(false)
  const until =
    isWhole || text.length <= shownAtOnce ? text.length : cutNear(text, Math.max(shownAtOnce, mark?.end ?? 0))
  const { start = 0, end = 0 } = mark ?? {}
  useLayoutEffect(() => {
    const fragment = renderMarkdown(text.slice(0, until))
    const isMarked = end > 0 && markPassage(fragment, text.slice(start, end), start / until)
    place.current?.replaceChildren(fragment)
    if (end === 0) return
    onMarked?.(isMarked)
    place.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
  }, [text, until, start, end])
  return (
    <>
      <div ref={place} className="prose" dir="auto" />
      {until < text.length && (
        <p className="more">
          <button type="button" onClick={() => setIsWhole(true)}>
            {words.rest(`${format.number((text.length - until) / 1000)} kB`)}
          </button>
        </p>
      )}
    </>
  )
}

/** The end of the paragraph. */
function cutNear(text: string, at: number): number {
  const end = text.indexOf('\n\n', at)
  return end < 0 || end - at > shownAtOnce ? Math.min(at, text.length) : end
}
