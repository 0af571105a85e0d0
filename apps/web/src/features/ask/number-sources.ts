import type { Sentence } from './ask.queries.ts'

/** Content id to number, in the order in which the answer comes to them. A passage's id begins with its content's. */
export function numberSources(sentences: readonly Pick<Sentence, 'citations'>[]): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const id of sentences.flatMap(({ citations }) => citations)) {
    const contentId = contentOf(id)
    if (!numbers.has(contentId)) numbers.set(contentId, numbers.size + 1)
  }
  return numbers
}

export function contentOf(passageId: string): string {
  return passageId.slice(0, passageId.lastIndexOf(':'))
}
