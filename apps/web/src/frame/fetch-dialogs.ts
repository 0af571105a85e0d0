/**
 * Brings in what floats over the pages once the first one rests: a dialog opens at once from then on, and also while the network is down.
 * Nothing of it is needed to see a page, and a page does not wait for it.
 */
export function fetchDialogsLater(): void {
  const fetchAll = () => {
    // A file that does not come now is asked for again by the dialog itself.
    for (const load of [
      () => import('./palette.tsx'),
      () => import('./confirm-dialog.tsx'),
      () => import('./help.tsx'),
      () => import('../session/sign-in-dialog.tsx'),
    ]) {
      load().catch(() => undefined)
    }
  }
  addEventListener('load', () => setTimeout(fetchAll, restMs), { once: true })
}

/** Long enough for a page's own data to be asked for first. */
const restMs = 1500
