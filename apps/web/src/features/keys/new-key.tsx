import { useLayoutEffect, useRef } from 'react'
import { CopyButton } from '../../frame/copy-button.tsx'
import { useText } from '../../text/text.ts'

/** A key's only showing. It is nowhere but in this component, and gone with it. */
export function NewKey({ made, onDone }: { made: { name: string; key: string }; onDone: () => void }) {
  const text = useText().keys
  const place = useRef<HTMLElement>(null)
  useLayoutEffect(() => place.current?.focus(), [])
  return (
    <section ref={place} className="new-key" tabIndex={-1} aria-label={text.onceFor(made.name)}>
      <h3>{text.onceFor(made.name)}</h3>
      <p>{text.once}</p>
      <code className="mono">{made.key}</code>
      <div className="row">
        <CopyButton text={made.key} />
        <button type="button" className="plain" onClick={onDone}>
          {text.done}
        </button>
      </div>
    </section>
  )
}
