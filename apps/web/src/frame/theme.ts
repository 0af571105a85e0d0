import { createStore } from '../store.ts'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const theme = createStore<Theme>('auto')

export function setTheme(next: Theme): void {
  if (next === 'auto') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.dataset.theme = next
  localStorage.setItem('theme', next)
  theme.set(next)
}

export function restoreTheme(): void {
  const before = themes.find((each) => each === localStorage.getItem('theme'))
  if (before !== undefined) setTheme(before)
}
