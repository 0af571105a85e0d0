import { createStore } from '../store.ts'

interface Session {
  /** In memory; in sessionStorage only where that was asked for. */
  readonly key: string | undefined
  /** The key was refused while it was in use. */
  readonly refused: boolean
}

const place = 'extropy-key'

const store = createStore<Session>({ key: sessionStorage.getItem(place) ?? undefined, refused: false })

export const session = {
  get: store.get,
  use: store.use,
  begin(key: string, { keep }: { keep: boolean }) {
    if (keep) sessionStorage.setItem(place, key)
    store.set({ key, refused: false })
  },
  end() {
    sessionStorage.removeItem(place)
    store.set({ key: undefined, refused: false })
  },
  refuse() {
    sessionStorage.removeItem(place)
    store.set({ key: undefined, refused: true })
  },
}
