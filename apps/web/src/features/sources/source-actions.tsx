import { isExtropyError } from '@extropy/client'
import { useState } from 'react'
import { Confirm } from '../../frame/confirm.tsx'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { LiveJob } from '../jobs/live-job.tsx'
import { type Source, useChangeSource, useRefreshSource, useRemoveSource } from './sources.queries.ts'

export function SourceActions({ of: source, onRemoved }: { of: Source; onRemoved?: () => void }) {
  const text = useText().sources
  const refresh = useRefreshSource()
  const change = useChangeSource()
  const remove = useRemoveSource()
  const [isRemoving, setIsRemoving] = useState(false)
  const name = source.title ?? source.label
  const isPaused = source.status === 'paused'
  const error = refresh.error ?? change.error ?? remove.error
  const isForbidden = isExtropyError(error) && error.data?.reason === 'forbidden'
  return (
    <>
      <div className="row source-actions">
        <button
          type="button"
          disabled={refresh.isPending}
          aria-label={`${text.refresh}: ${name}`}
          onClick={() => refresh.mutate(source.id)}
        >
          {text.refresh}
        </button>
        <button
          type="button"
          aria-label={`${isPaused ? text.resume : text.pause}: ${name}`}
          onClick={() => change.mutate({ id: source.id, paused: !isPaused })}
        >
          {isPaused ? text.resume : text.pause}
        </button>
        <button
          type="button"
          className="danger"
          aria-label={`${text.remove}: ${name}`}
          onClick={() => setIsRemoving(true)}
        >
          {text.remove}
        </button>
      </div>
      {isForbidden && (
        <p role="alert" className="problem">
          {text.notYours}
        </p>
      )}
      {error && !isForbidden && <Failure error={error} />}
      {refresh.data && <LiveJob key={refresh.data.id} id={refresh.data.id} />}
      {isRemoving && (
        <Confirm
          title={text.remove}
          question={text.removeSure(name)}
          yes={text.remove}
          onClose={() => setIsRemoving(false)}
          onYes={() => remove.mutate(source.id, { onSuccess: () => onRemoved?.() })}
        />
      )}
    </>
  )
}
