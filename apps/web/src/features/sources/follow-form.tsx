import { isExtropyError } from '@extropy/client'
import { Link } from '@tanstack/react-router'
import { type ClipboardEvent, type DragEvent, type FormEvent, type KeyboardEvent, useRef, useState } from 'react'
import { client } from '../../extropy.ts'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { LiveJob } from '../jobs/live-job.tsx'
import { type Followed, platforms, useFollow, useImportOpml } from './sources.queries.ts'
import { isOpml, targetsOf } from './targets.ts'

const mostTargets = 50
/** Of several first looks at once, so many are shown as they go: each holds a connection. */
const mostLive = 2

/** A box for whatever somebody has: one address or several, or a whole OPML file. */
export function FollowForm() {
  const text = useText().sources
  const form = useRef<HTMLFormElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const follow = useFollow()
  const imported = useImportOpml()
  const [words, setWords] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isOver, setIsOver] = useState(false)

  const importText = (opml: string) => {
    follow.reset()
    if (!isOpml(opml)) return setProblem(text.follow.notOpml)
    setProblem(undefined)
    imported.mutate(opml)
  }
  const importFile = async (given: File | undefined) => given && importText(await given.text())
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    imported.reset()
    const targets = targetsOf(words)
    if (targets.length === 0) return
    if (targets.length > mostTargets) return setProblem(text.follow.tooMany(mostTargets))
    setProblem(undefined)
    const platform = platforms.find((each) => each === new FormData(event.currentTarget).get('platform'))
    follow.mutate({ targets, platform }, { onSuccess: (all) => setWords(notFollowed(all)) })
  }
  const paste = (event: ClipboardEvent) => {
    const given = event.clipboardData.getData('text')
    if (!isOpml(given)) return
    event.preventDefault()
    importText(given)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    form.current?.requestSubmit()
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    void importFile(event.dataTransfer.files[0])
  }
  return (
    <>
      <form
        ref={form}
        className={isOver ? 'follow follow-over' : 'follow'}
        aria-label={text.follow.title}
        onSubmit={submit}
        onDrop={drop}
        onDragOver={(event) => {
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
      >
        <label className="field">
          {text.follow.box}
          <textarea
            value={words}
            rows={1}
            required
            spellCheck={false}
            autoCapitalize="none"
            placeholder={text.follow.placeholder}
            aria-describedby="follow-hint"
            onChange={(event) => setWords(event.target.value)}
            onPaste={paste}
            onKeyDown={press}
          />
          <small id="follow-hint">{text.follow.hint}</small>
        </label>
        <div className="row">
          <button type="submit" className="primary" disabled={follow.isPending}>
            {follow.isPending ? text.follow.busy : text.follow.submit}
          </button>
          <select name="platform" aria-label={text.follow.platform} defaultValue="">
            <option value="">{text.follow.guess}</option>
            {platforms.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <span className="opml-tools">
            <button type="button" onClick={() => file.current?.click()} disabled={imported.isPending}>
              {text.opml.import}
            </button>
            <ExportOpml />
          </span>
          <input
            ref={file}
            type="file"
            hidden
            accept=".opml,.xml,text/xml,application/xml"
            aria-label={text.opml.import}
            onChange={(event) => {
              void importFile(event.target.files?.[0])
              event.target.value = ''
            }}
          />
        </div>
        {problem && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        {(follow.error ?? imported.error) && <Failure error={follow.error ?? imported.error} />}
      </form>
      <div className="follow-results" aria-live="polite">
        {follow.data && <FollowResults all={follow.data} />}
        {imported.data && (
          <div className="notice">
            <p>{text.opml.done(imported.data.added, imported.data.known)}</p>
            {imported.data.refused > 0 && (
              <>
                <p>{text.opml.refused(imported.data.refused)}</p>
                <ul>
                  {imported.data.problems.map(({ target, message }) => (
                    <li key={target + message}>{message}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
      </div>
    </>
  )
}

/** What was not followed stays in the box, to be mended. */
function notFollowed(all: readonly Followed[]): string {
  return all
    .filter(({ error }) => error !== undefined)
    .map(({ target }) => target)
    .join('\n')
}

function FollowResults({ all }: { all: readonly Followed[] }) {
  const text = useText().sources
  const live = all.flatMap(({ added }) => added?.jobId ?? []).slice(0, mostLive)
  return (
    <ul>
      {all.map(({ target, added, error }) => (
        <li key={target} className="notice">
          {added ? (
            <>
              {added.isNew
                ? text.follow.understood(added.label, text.kinds[added.kind] ?? added.kind, added.platform)
                : text.follow.known(added.label)}{' '}
              <Link
                to="/sources/$sourceId"
                params={{ sourceId: added.id }}
                aria-label={`${text.follow.open}: ${added.label}`}
              >
                {text.follow.open}
              </Link>
              {added.jobId !== null && live.includes(added.jobId) && <LiveJob id={added.jobId} />}
            </>
          ) : (
            <>
              <p>{text.follow.notUnderstood(target)}</p>
              {issuesOf(error) ?? <Failure error={error} />}
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Beside its target, the message says enough. */
function issuesOf(error: unknown): string | undefined {
  const issues = isExtropyError(error) ? error.data?.issues : undefined
  return issues?.map(({ message }) => message).join(' ')
}

function ExportOpml() {
  const text = useText().sources
  const [error, setError] = useState<unknown>()
  const save = async () => {
    try {
      const { opml } = await client.sources.opml.query()
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([opml], { type: 'text/x-opml' }))
      link.download = 'extropy.opml'
      link.click()
      URL.revokeObjectURL(link.href)
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <>
      <button type="button" onClick={() => void save()}>
        {text.opml.export}
      </button>
      {error !== undefined && <Failure error={error} />}
    </>
  )
}
