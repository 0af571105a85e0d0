import { PageHead } from '../../frame/page-head.tsx'
import './keys.css'
import type { Outputs } from '@extropy/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormat } from '../../format.ts'
import { Confirm } from '../../frame/confirm.tsx'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { session } from '../../session/session.ts'
import { useText } from '../../text/text.ts'
import { type Key, keysOptions, useRevokeKey, useRotateKey } from './keys.queries.ts'
import { MakeKey } from './make-key.tsx'
import { NewKey } from './new-key.tsx'

export function KeysPage() {
  const text = useText().keys
  useTitle(text.title)
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      <NeedsKey>{(me) => <Keys userId={me.id} />}</NeedsKey>
    </>
  )
}

function Keys({ userId }: { userId: string }) {
  const text = useText().keys
  const query = useInfiniteQuery(keysOptions(userId))
  const rotate = useRotateKey()
  const revoke = useRevokeKey(userId)
  const [made, setMade] = useState<Outputs['keys']['create']>()
  const [doomed, setDoomed] = useState<Key>()
  const keys = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <div className="keys">
      <section aria-label={text.list}>
        <h2>{text.list}</h2>
        {made && <NewKey made={made} onDone={() => setMade(undefined)} />}
        {query.error && <Failure error={query.error} onRetry={query.refetch} />}
        {(rotate.error ?? revoke.error) && <Failure error={rotate.error ?? revoke.error} />}
        {query.isPending && <Loading />}
        {query.data && keys.length === 0 && <p className="quiet">{text.none}</p>}
        <ul className="key-list">
          {keys.map((key) => (
            <KeyRow
              key={key.id}
              of={key}
              isBusy={rotate.isPending}
              onRotate={async () => setMade(await rotate.mutateAsync(key.id).catch(() => undefined))}
              onRevoke={() => setDoomed(key)}
            />
          ))}
        </ul>
        <More of={query} />
      </section>
      <MakeKey onMade={setMade} />
      {doomed && (
        <Confirm
          title={text.revoke}
          question={text.revokeSure(doomed.name)}
          yes={text.revoke}
          onClose={() => setDoomed(undefined)}
          onYes={() => revoke.mutate(doomed.id)}
        />
      )}
    </div>
  )
}

interface KeyRowProps {
  readonly of: Key
  readonly isBusy: boolean
  readonly onRotate: () => void
  readonly onRevoke: () => void
}

function KeyRow({ of: key, isBusy, onRotate, onRevoke }: KeyRowProps) {
  const text = useText().keys
  const format = useFormat()
  const isInUse = session.use().key?.startsWith(key.prefix) === true
  const isOver = key.expiresAt !== null && Date.parse(key.expiresAt) < Date.now()
  const works = !key.isRevoked && key.isActive && !isOver
  const state = key.isRevoked
    ? text.revoked
    : isOver
      ? text.expired
      : key.expiresAt
        ? text.until(format.time(key.expiresAt))
        : text.works
  return (
    <li className={works ? '' : 'over'}>
      <div>
        <h3>
          {key.name} {isInUse && <small>{text.self}</small>}
        </h3>
        <p>
          <span className="mono">{key.prefix}…</span> · {key.scopes.join(', ')} ·{' '}
          {text.perHour(format.number(key.rateLimitPerHour))}
        </p>
        <p className="quiet">
          {state} · {text.used}: {key.lastUsedAt ? format.time(key.lastUsedAt) : text.never}
        </p>
      </div>
      {works && (
        <div className="row">
          <button
            type="button"
            onClick={onRotate}
            disabled={isBusy}
            title={text.rotateHint}
            aria-label={`${text.rotate}: ${key.name}`}
          >
            {text.rotate}
          </button>
          <button type="button" className="danger" onClick={onRevoke} aria-label={`${text.revoke}: ${key.name}`}>
            {text.revoke}
          </button>
        </div>
      )}
    </li>
  )
}
