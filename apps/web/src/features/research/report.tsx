import { Link, useRouter } from '@tanstack/react-router'
import { useLayoutEffect, useMemo, useRef } from 'react'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { renderMarkdown } from '../read/markdown.ts'
import { placeOf, readFootnotes } from './footnotes.ts'
import type { Session } from './research.queries.ts'

/** The report, its footnotes as numbers that open the very words they stand for. */
export function Report({ of: { outputs }, markdown }: { of: Session; markdown: string }) {
  const text = useText().research
  const format = useFormat()
  const router = useRouter()
  const place = useRef<HTMLDivElement>(null)
  const { text: body, notes } = useMemo(() => readFootnotes(markdown, outputs.answers), [markdown, outputs.answers])
  const sources = useMemo(
    () => new Map([...(outputs.found ?? []), ...(outputs.cited ?? [])].map((source) => [source.contentId, source])),
    [outputs.found, outputs.cited],
  )

  useLayoutEffect(() => {
    // The name of the session is the page's heading already.
    const fragment = renderMarkdown(body.replace(/^# .*\n+/, ''))
    for (const mark of fragment.querySelectorAll<HTMLAnchorElement>('a[href^="#receipt-"]')) {
      const note = notes.find(({ number }) => mark.getAttribute('href') === `#receipt-${number}`)
      if (note === undefined) continue
      const { contentId } = note.receipt
      const to = { to: '/read/$contentId', params: { contentId }, search: placeOf(note.receipt) } as const
      mark.href = router.buildLocation(to).href
      mark.className = 'receipt'
      mark.removeAttribute('rel')
      mark.setAttribute('aria-label', text.receipt(note.number, sources.get(contentId)?.title ?? ''))
      mark.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        void router.navigate(to)
      })
    }
    place.current?.replaceChildren(fragment)
  }, [body, notes, sources, router, text])

  return (
    <>
      <div ref={place} className="prose" dir="auto" />
      {notes.length > 0 && (
        <section className="receipt-list" aria-labelledby="receipts">
          <h2 id="receipts">{text.receipts}</h2>
          <ol>
            {notes.map(({ number, receipt }) => {
              const source = sources.get(receipt.contentId)
              const said = [
                source?.author,
                source?.publishedAt && format.day(source.publishedAt),
                text.readAt(format.day(receipt.readAt)),
              ]
              return (
                <li key={receipt.id} value={number}>
                  <Link to="/read/$contentId" params={{ contentId: receipt.contentId }} search={placeOf(receipt)}>
                    {source?.title ?? receipt.contentId}
                  </Link>{' '}
                  <small>
                    {said.filter(Boolean).join(' · ')}
                    {source && <span className="print-only"> {source.sourceUrl}</span>}
                  </small>
                </li>
              )
            })}
          </ol>
        </section>
      )}
    </>
  )
}
