import { useEffect } from 'react'

/** The tab's title, which is also what a screen reader says first. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined || title === '' ? 'Extropy' : `${title} · Extropy`
  }, [title])
}
