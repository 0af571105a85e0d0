import { useLayoutEffect, useRef } from 'react'
import { useText } from '../../text/text.ts'

interface AskBoxProps {
  readonly words: string
  readonly onWords: (words: string) => void
  readonly onAsk: () => void
}

export function AskBox({ words, onWords, onAsk }: AskBoxProps) {
  const text = useText().ask
  const box = useRef<HTMLTextAreaElement>(null)
  // On a phone the keyboard would cover the page of somebody who came to read an answer.
  // Before the first paint: what is typed into a page that is seen must arrive.
  useLayoutEffect(() => {
    if (words === '' || matchMedia('(hover: hover)').matches) box.current?.focus({ preventScroll: true })
    // Only when the page opens.
  }, [])
  return (
    <search>
      <form
        className="ask-box"
        onSubmit={(event) => {
          event.preventDefault()
          onAsk()
        }}
      >
        <textarea
          ref={box}
          id="question"
          rows={1}
          maxLength={8000}
          aria-label={text.box}
          placeholder={text.placeholder}
          value={words}
          onChange={(event) => onWords(event.target.value.replaceAll('\n', ' '))}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
            event.preventDefault()
            onAsk()
          }}
        />
        <button type="submit" className="primary">
          {text.submit}
        </button>
      </form>
    </search>
  )
}
