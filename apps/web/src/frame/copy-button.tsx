import { useState } from 'react'
import { useText } from '../text/text.ts'

export function CopyButton({ text: copied, label, done }: { text: string; label?: string; done?: string }) {
  const text = useText().state
  const [isDone, setIsDone] = useState(false)
  const copy = async () => {
    // Not there on plain HTTP: the text stays selectable.
    await navigator.clipboard?.writeText(copied)
    setIsDone(true)
    setTimeout(() => setIsDone(false), 2000)
  }
  return (
    <button type="button" onClick={() => void copy()}>
      <span aria-live="polite">{isDone ? (done ?? text.copied) : (label ?? text.copy)}</span>
    </button>
  )
}
