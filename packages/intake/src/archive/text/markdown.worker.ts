import { HtmlLimitError, htmlToMarkdown } from './html.ts'

export type Written = { readonly markdown: string } | { readonly limit: string }

// biome-ignore lint/style/noDefaultExport: piscina calls it
export default function run(html: string): Written {
  try {
    return { markdown: htmlToMarkdown(html) }
  } catch (error) {
    // An error's class does not come over from a thread.
    if (error instanceof HtmlLimitError) return { limit: error.message }
    throw error
  }
}
