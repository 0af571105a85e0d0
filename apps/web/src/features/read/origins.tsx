import type { Outputs } from '@extropy/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { session } from '../../session/session.ts'
import { useText } from '../../text/text.ts'
import { aliasesOptions, originsOptions, snapshotOptions } from './read.queries.ts'

type Origin = Outputs['contents']['origins']['items'][number]

/** More than this at once would hold up the page; the file has all of it. */
const shownCharacters = 100_000

/** Where a piece has been met, its other addresses, and the document that it was read from. */
export function Origins({ contentId }: { contentId: string }) {
  const text = useText().read.origins
  const { key } = session.use()
  const { data: origins } = useQuery({ ...originsOptions(contentId, key), enabled: key !== undefined })
  const { data: aliases } = useQuery(aliasesOptions(contentId))
  const others = aliases?.items.filter(({ isUndone }) => !isUndone) ?? []
  return (
    <>
      {origins && origins.items.length > 0 && (
        <ul className="origins" aria-label={text.met}>
          {origins.items.map((origin) => (
            <Met key={`${origin.platform} ${origin.url} ${origin.source?.id}`} of={origin} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <details>
          <summary>{text.others(others.length)}</summary>
          <ul className="origins">
            {others.map(({ url, reason }) => (
              <li key={url}>
                {/^https?:/.test(url) ? (
                  <a href={url} rel="noopener noreferrer nofollow">
                    {url}
                  </a>
                ) : (
                  url
                )}
                <small>{text.reasons[reason]}</small>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Snapshot contentId={contentId} />
    </>
  )
}

function Met({ of: { source, platform, url, httpStatus, etag, lastMetAt } }: { of: Origin }) {
  const text = useText().read.origins
  const format = useFormat()
  const facts = [
    text.had(format.time(lastMetAt)),
    httpStatus !== null && `HTTP ${httpStatus}`,
    etag !== null && `ETag ${etag}`,
    source === null && text.notFollowed,
    source?.lastFetchedAt && text.looked(format.fromNow(source.lastFetchedAt)),
    source?.nextAt && source.status !== 'paused' && text.next(format.fromNow(source.nextAt)),
  ]
  return (
    <li>
      {source === null ? (
        (URL.parse(url)?.hostname ?? platform)
      ) : (
        <Link to="/sources/$sourceId" params={{ sourceId: source.id }}>
          {source.name}
        </Link>
      )}
      <small>{facts.filter(Boolean).join(' · ')}</small>
    </li>
  )
}

/** Asked for when it is opened. Somebody else's document: shown as text, saved as text. */
function Snapshot({ contentId }: { contentId: string }) {
  const text = useText().read.origins
  const format = useFormat()
  const [isOpen, setIsOpen] = useState(false)
  const { data, error, refetch } = useQuery({ ...snapshotOptions(contentId), enabled: isOpen })
  const snapshot = data?.snapshot
  const save = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([snapshot?.document ?? ''], { type: 'text/plain;charset=utf-8' }))
    link.download = `${contentId}.txt`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{text.snapshot}</summary>
      {error && <Failure error={error} onRetry={refetch} />}
      {snapshot === null && <p className="quiet">{text.noSnapshot}</p>}
      {snapshot && (
        <>
          <p className="quiet">
            {[
              text.takenAt(format.time(snapshot.takenAt)),
              snapshot.contentType,
              `${format.number(snapshot.sizeBytes / 1000, 1)} kB`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
          <p>
            <button type="button" onClick={save}>
              {text.save}
            </button>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
          <section className="snapshot" tabIndex={0} aria-label={text.snapshot}>
            <pre dir="auto">{snapshot.document.slice(0, shownCharacters)}</pre>
          </section>
          {snapshot.document.length > shownCharacters && <p className="quiet">{text.cut}</p>}
        </>
      )}
    </details>
  )
}
