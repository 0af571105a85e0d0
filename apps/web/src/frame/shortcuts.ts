import { useEffect } from 'react'
import { createStore } from '../store.ts'

/** Single keys get in the way of screen readers and dictation: they can be switched off. */
export const singleKeys = createStore(localStorage.getItem('single-keys') !== 'off')

export function setSingleKeys(on: boolean): void {
  localStorage.setItem('single-keys', on ? 'on' : 'off')
  singleKeys.set(on)
}

export function useShortcuts(shortcuts: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isChord = (event.ctrlKey || event.metaKey) && !event.altKey
      const name = isChord ? `Ctrl-${event.key.toLowerCase()}` : event.key
      const shortcut = shortcuts[name]
      if (shortcut === undefined || event.defaultPrevented || event.altKey) return
      if (!isChord && (!singleKeys.get() || isTyping(event.target))) return
      event.preventDefault()
      shortcut(event)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.closest('input, textarea, select, [role=dialog]') !== null
}
