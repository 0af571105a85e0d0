import './imports.css'
import { type DragEvent, useRef, useState } from 'react'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { ImportProgress } from './import-progress.tsx'
import { cancelSending, sendArchive, upload } from './upload.ts'

/** A place for an export of another platform: dropped, or chosen by the button. */
export function ArchiveDrop() {
  const text = useText().imports
  const file = useRef<HTMLInputElement>(null)
  const current = upload.use()
  const [follow, setFollow] = useState(false)
  const [isOver, setIsOver] = useState(false)
  const [problem, setProblem] = useState<string>()
  const isSending = current?.state === 'sending'

  const take = (files: FileList | null) => {
    const [first, ...others] = files ?? []
    if (first === undefined || isSending) return
    setProblem(first.size === 0 ? text.empty(first.name) : others.length > 0 ? text.oneAtATime(first.name) : undefined)
    if (first.size > 0) sendArchive(first, { follow })
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    take(event.dataTransfer.files)
  }
  return (
    <section className="archives" aria-labelledby="archives">
      <h2 id="archives" className="small-title">
        {text.title}
      </h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button within does the same */}
      <div
        className={isOver ? 'archive-drop archive-over' : 'archive-drop'}
        onDrop={drop}
        onDragOver={(event) => {
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
      >
        <p>{text.lead}</p>
        <div className="row">
          <button type="button" onClick={() => file.current?.click()} disabled={isSending}>
            {text.choose}
          </button>
          <label className="check">
            <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />{' '}
            {text.follow}
          </label>
        </div>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={text.choose}
          onChange={(event) => {
            take(event.target.files)
            event.target.value = ''
          }}
        />
      </div>
      <div className="archive-state">
        {problem && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <UploadState />
      </div>
    </section>
  )
}

function UploadState() {
  const text = useText()
  const format = useFormat()
  const current = upload.use()
  if (current === undefined) return null
  if (current.state === 'sent') return <ImportProgress key={current.id} id={current.id} name={current.name} />
  if (current.state === 'notSent') {
    return (
      <div className="failure" role="alert">
        <p>{text.imports.notSent(current.name, current.message ?? text.state.unreachable)}</p>
      </div>
    )
  }
  const megabytes = (bytes: number) => format.number(bytes / 1e6, 1)
  return (
    <div className="notice">
      <p className="row">
        <progress aria-label={text.imports.sending(current.name)} value={current.sentBytes} max={current.totalBytes} />
        <span>
          {text.imports.sending(current.name)}{' '}
          {text.imports.megabytes(megabytes(current.sentBytes), megabytes(current.totalBytes))}
        </span>
        <button type="button" onClick={cancelSending}>
          {text.state.cancel}
        </button>
      </p>
    </div>
  )
}
