import { isExtropyError, withIdempotencyKey } from '@extropy/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { apiKey, client, extropy } from './extropy.ts'

/** A card is published once, however often the button is pressed or the network fails. */
export function Publish() {
  const queries = useQueryClient()
  const attempt = useRef(crypto.randomUUID())
  const publish = useMutation({
    mutationFn: (card: { title: string; body: string }) =>
      client.cards.publish.mutate({ cards: [{ ...card, privacyLevel: 'IDEAS' }] }, withIdempotencyKey(attempt.current)),
    onSuccess() {
      attempt.current = crypto.randomUUID()
      return queries.invalidateQueries({ queryKey: extropy.cards.pathKey() })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { key, title, body } = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>
    apiKey.set(key ?? '')
    publish.mutate({ title: title ?? '', body: body ?? '' })
  }
  const { error } = publish
  return (
    <section aria-label="Publish">
      <form onSubmit={submit}>
        <input name="key" aria-label="API key" type="password" autoComplete="off" />
        <input name="title" aria-label="Title" />
        <textarea name="body" aria-label="Body" />
        <button type="submit">Publish</button>
      </form>
      {publish.data && <p role="status">Published, {publish.data.tokensEarned} tokens earned</p>}
      {error && (
        <ul role="alert">
          {isExtropyError(error) && error.data?.issues.length
            ? error.data.issues.map(({ field, message }) => (
                <li key={field}>
                  {field}: {message}
                </li>
              ))
            : [<li key="all">{error.message}</li>]}
        </ul>
      )}
    </section>
  )
}
