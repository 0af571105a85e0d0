import { lazy } from 'react'

/** Markdown, set. Its parser and its sanitiser come when they are needed. */
export const MarkdownView = lazy(() =>
  import('./rendered-markdown.tsx').then(({ RenderedMarkdown }) => ({ default: RenderedMarkdown })),
)
