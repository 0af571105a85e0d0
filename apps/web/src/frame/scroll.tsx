import type { ReactNode } from 'react'

/** What is wider than the page scrolls by itself, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no group of fields, and no landmark either: the section around it is one
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
    <div className="scroll" role="group" tabIndex={0} aria-label={label}>
      {children}
    </div>
  )
}
