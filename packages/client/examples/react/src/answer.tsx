import { type AnswerEvent, isAborted, isExtropyError } from '@extropy/client'
import { type FormEvent, useRef, useState } from 'react'
import { client } from './extropy.ts'

type Sentence = Extract<AnswerEvent, { type: 'sentence' }>

/** An answer that is shown sentence by sentence, and may be stopped. */
export function Answer() {
  const [sentences, setSentences] = useState<Sentence[]>([])
  const [notice, setNotice] = useState<string>()
  const running = useRef<AbortController>(undefined)

  const ask = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const prompt = String(new FormData(event.currentTarget).get('prompt'))
    running.current?.abort()
    running.current = new AbortController()
    setSentences([])
    setNotice(undefined)
    try {
      for await (const piece of await client.query.answer.query({ prompt }, { signal: running.current.signal })) {
        if (piece.type === 'sentence') setSentences((before) => [...before, piece])
        if (piece.type === 'done') setNotice(piece.notice ?? undefined)
      }
    } catch (error) {
      if (!isAborted(error)) setNotice(isExtropyError(error) ? error.message : 'The answer was cut off.')
    }
  }

  return (
    <section aria-label="Answer">
      <form onSubmit={ask}>
        <input name="prompt" aria-label="Question" />
        <button type="submit">Ask</button>
        <button type="button" onClick={() => running.current?.abort()}>
          Stop
        </button>
      </form>
      <p aria-live="polite">{sentences.map(({ text }) => text).join(' ')}</p>
      {notice && <p role="status">{notice}</p>}
    </section>
  )
}
