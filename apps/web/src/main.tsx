import './style/fonts.css'
import './style/style.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './extropy.ts'
import { fetchDialogsLater } from './frame/fetch-dialogs.ts'
import { listenForShortcuts } from './frame/shortcuts.ts'
import { restoreTheme } from './frame/theme.ts'
import { router } from './router.tsx'
import { restoreLanguage } from './text/text.ts'

listenForShortcuts()
fetchDialogsLater()
restoreTheme()
await restoreLanguage()

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
