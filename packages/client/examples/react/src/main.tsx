import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Answer } from './answer.tsx'
import { Contents } from './contents.tsx'
import { queryClient } from './extropy.ts'
import { Publish } from './publish.tsx'
import { Search } from './search.tsx'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Search />
      <Answer />
      <Contents />
      <Publish />
    </QueryClientProvider>
  </StrictMode>,
)
