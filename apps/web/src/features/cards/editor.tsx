import { getRouteApi, useBlocker, useNavigate } from '@tanstack/react-router'
import { type FormEvent, Suspense, useRef, useState } from 'react'
import { Confirm } from '../../frame/confirm.tsx'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { session } from '../../session/session.ts'
import { useText } from '../../text/text.ts'
import { list } from '../ask/ask.search.ts'
import { MarkdownView } from '../read/markdown-view.tsx'
import {
  type Draft,
  type PrivacyLevel,
  privacyLevels,
  publishable,
  usePublish,
  useSave,
  type WholeCard,
} from './cards.queries.ts'

const route = getRouteApi('/cards/new')

/** A card on its way: what is typed stays, whatever becomes of the key or of the network. */
export function Editor({ card }: { card?: WholeCard }) {
  const text = useText()
  const words = text.cards.editor
  const { about, under } = route.useSearch()
  const navigate = useNavigate()
  const { key } = session.use()
  const save = useSave()
  const publish = usePublish()
  const [title, setTitle] = useState(card?.title ?? '')
  const [body, setBody] = useState(card?.body ?? '')
  const [tags, setTags] = useState(card?.tags.join(', ') ?? '')
  const [privacyLevel, setPrivacyLevel] = useState<PrivacyLevel>(card?.privacyLevel ?? 'IDEAS')
  const [isPreview, setIsPreview] = useState(false)
  const isSaved = useRef(false)
  const isChanged = title !== (card?.title ?? '') || body !== (card?.body ?? '')
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged && !isSaved.current,
    enableBeforeUnload: () => isChanged && !isSaved.current,
    withResolver: true,
  })

  const draft: Draft = {
    title: title.trim(),
    body,
    privacyLevel,
    tags: list(tags),
    ...(about && { contentId: about }),
    ...(under && { parentCardId: under }),
  }
  const open = (cardId: string) => {
    isSaved.current = true
    void navigate({ to: '/cards/$cardId', params: { cardId } })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const submitter = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null
    save.reset()
    publish.reset()
    if (submitter?.value === 'publish') {
      publish.mutate({ cards: [draft] }, { onSuccess: ({ published: [first] }) => first && open(first.id) })
    } else save.mutate({ ...draft, id: card?.id }, { onSuccess: ({ id }) => open(id) })
  }
  const isBusy = save.isPending || publish.isPending
  const mayPublish = publishable.includes(privacyLevel)
  const error = save.error ?? publish.error
  return (
    <form className="editor" onSubmit={submit}>
      <label className="field">
        {words.name}
        <input value={title} required maxLength={200} dir="auto" onChange={(event) => setTitle(event.target.value)} />
      </label>
      <div className="field">
        <div className="editor-tabs">
          <label htmlFor="card-body">{words.body}</label>
          <button type="button" className="link" aria-pressed={isPreview} onClick={() => setIsPreview(!isPreview)}>
            {isPreview ? words.write : words.preview}
          </button>
        </div>
        <textarea
          id="card-body"
          hidden={isPreview}
          value={body}
          required
          rows={14}
          dir="auto"
          aria-describedby="body-hint"
          onChange={(event) => setBody(event.target.value)}
        />
        {isPreview && (
          <div className="preview-box">
            {body.trim() === '' ? (
              <p className="quiet">{words.empty}</p>
            ) : (
              <Suspense fallback={<Loading />}>
                <MarkdownView text={body} />
              </Suspense>
            )}
          </div>
        )}
        <small id="body-hint">{words.bodyHint}</small>
      </div>
      <label className="field">
        {words.tags}
        <input value={tags} onChange={(event) => setTags(event.target.value)} />
        <small>{words.tagsHint}</small>
      </label>
      <fieldset className="choices privacy">
        <legend>{words.privacy}</legend>
        {privacyLevels.map((level) => (
          <label key={level} className="check">
            <input
              type="radio"
              name="privacy"
              checked={level === privacyLevel}
              onChange={() => setPrivacyLevel(level)}
            />
            <span>{words.levels[level][0]}</span>
          </label>
        ))}
        <p className="notice" aria-live="polite">
          {words.levels[privacyLevel][1]}
        </p>
      </fieldset>
      {key === undefined && <p className="notice">{words.needsKey}</p>}
      {error && <Failure error={error} />}
      <div className="row">
        {!card && (
          <button
            type="submit"
            value="publish"
            className="primary"
            disabled={isBusy || key === undefined || !mayPublish}
            title={mayPublish ? words.reward : words.neverPublished}
          >
            {words.publish}
          </button>
        )}
        <button type="submit" value="save" disabled={isBusy || key === undefined}>
          {card ? words.save : words.saveDraft}
        </button>
        <small>{mayPublish ? words.reward : words.neverPublished}</small>
      </div>
      {blocker.status === 'blocked' && (
        <Confirm
          title={text.cards.editor.leaveTitle}
          question={text.cards.editor.leave}
          yes={text.cards.editor.leaveYes}
          onYes={blocker.proceed}
          onClose={blocker.reset}
        />
      )}
    </form>
  )
}
