import { createStore } from '../store.ts'
import { en, type Text } from './en.ts'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const stored = createStore<{ language: Language; text: Text }>({ language: 'en', text: en })

/** English is in the app; another language is loaded when it is chosen. */
export async function setLanguage(language: Language): Promise<void> {
  const text = language === 'de' ? (await import('./de.ts')).de : en
  localStorage.setItem('language', language)
  document.documentElement.lang = language
  stored.set({ language, text })
}

/** The one chosen before, else the browser's. */
export async function restoreLanguage(): Promise<void> {
  const language = localStorage.getItem('language') ?? navigator.language.slice(0, 2)
  if (language === 'de') await setLanguage('de')
}

export function useText(): Text {
  return stored.use().text
}

export function useLanguage(): Language {
  return stored.use().language
}
