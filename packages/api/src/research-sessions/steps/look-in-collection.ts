import type { Platform } from '@extropy/db'
import type { Deps } from '../../context.ts'
import { searchPrompt } from '../../search/rag.ts'
import type { SearchResult } from '../../search/search.ts'
import type { ResearchSource } from '../research-sessions.schema.ts'

interface Session {
  readonly platforms: readonly Platform[]
  readonly keywords: readonly string[]
  readonly targetAuthorities: readonly string[]
}

const mostContents = 100
const resultsOfPrompt = 20
/** Results below it have hardly a word or a thought in common with the prompt. */
const leastRelevance = 0.3

/** Contents that have to do with a question or a keyword, also those of each authority; the most relevant first. */
export async function lookInCollection(
  deps: Deps,
  { platforms, keywords, targetAuthorities }: Session,
  questions: readonly string[],
): Promise<ResearchSource[]> {
  const best = new Map<string, { readonly relevance: number; readonly content: SearchResult['content'] }>()
  for (const prompt of new Set([...questions, ...keywords])) {
    for (const author of [undefined, ...targetAuthorities]) {
      const input = { prompt, author, nResults: resultsOfPrompt, groupBy: 'content' as const, platforms }
      const { results } = await searchPrompt(deps, input)
      for (const { relevance, content } of results) {
        const known = best.get(content.id)
        if (relevance >= leastRelevance && relevance > (known?.relevance ?? 0))
          best.set(content.id, { relevance, content })
      }
    }
  }
  return [...best.values()]
    .sort((a, b) => b.relevance - a.relevance || (a.content.id < b.content.id ? -1 : 1))
    .slice(0, mostContents)
    .map(({ content }) => toSource(content))
}

export function toSource({ id, title, sourceUrl, author, publishedAt }: SearchResult['content']): ResearchSource {
  return { contentId: id, title, sourceUrl, author, publishedAt }
}
