import { useText } from '../text/text.ts'

/** Grey lines where text will stand, after a moment: what comes at once needs none. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const text = useText().state
  return (
    <div className="loading" role="status">
      <span className="unseen">{text.loading}</span>
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <div key={line} aria-hidden="true" />
      ))}
    </div>
  )
}
