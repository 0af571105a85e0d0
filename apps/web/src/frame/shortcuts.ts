import { useLayoutEffect, useRef } from 'react'
import { createStore } from '../store.ts'

/** Single keys get in the way of screen readers and dictation: they can be switched off. */
export const singleKeys = createStore(localStorage.getItem('single-keys') !== 'off')

export function setSingleKeys(on: boolean): void {
  localStorage.setItem('single-keys', on ? 'on' : 'off')
  singleKeys.set(on)
}

/** By key: `Ctrl-k` with Ctrl or Command, `j` alone. */
type Shortcuts = Readonly<Record<string, () => void>>

/** Those of what is shown now; the frame's are there as long as the page is. */
const shown = new Set<{ readonly current: Shortcuts }>()

/** The frame's, taken while it is still on its way. */
const frameKeys = ['Ctrl-k', '?', '/']

let pressedEarly: string | undefined

/** Once, before anything is drawn: a key that is pressed before its shortcut is there works as soon as it is. */
export function listenForShortcuts(): void {
  document.addEventListener('keydown', (event) => {
    const isChord = (event.ctrlKey || event.metaKey) && !event.altKey
    const name = isChord ? `Ctrl-${event.key.toLowerCase()}` : event.key
    if (event.defaultPrevented || event.altKey) return
    if (!isChord && (!singleKeys.get() || isTyping(event.target))) return
    const shortcut = shortcutOf(name)
    if (shortcut === undefined && (shown.size > 0 || !frameKeys.includes(name))) return
    event.preventDefault()
    if (shortcut === undefined) pressedEarly = name
    else shortcut()
  })
}

/** From the moment that the component is in the document until it leaves it. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts)
  latest.current = shortcuts
  // No `useEffect`, which waits for a paint: what is seen must answer.
  useLayoutEffect(() => {
    shown.add(latest)
    const early = pressedEarly === undefined ? undefined : shortcutOf(pressedEarly)
    if (early !== undefined) {
      pressedEarly = undefined
      early()
    }
    return () => {
      shown.delete(latest)
    }
  }, [])
}

function shortcutOf(name: string): (() => void) | undefined {
  for (const { current } of shown) if (current[name] !== undefined) return current[name]
  return undefined
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.closest('input, textarea, select, [role=dialog]') !== null
}
