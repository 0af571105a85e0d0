import { readSentences } from '../../document/sentences.ts'

interface Session {
  readonly brief: string
  readonly questions: readonly string[]
}

const mostQuestions = 20
const longestQuestion = 1000
/** Characters in which a question's mark stands. */
const longestEnd = 100

/** The questions that were given; else those of the brief; else the brief as it is. */
export function planQuestions({ brief, questions }: Session): string[] {
  if (questions.length > 0) return [...new Set(questions)]
  const sentences = readSentences(brief).map(({ text }) => text)
  const asked = sentences.filter((text) => /[?？؟]\W*$/.test(text.slice(-longestEnd)))
  const planned = asked.length > 0 ? asked : [brief]
  return [...new Set(planned)].slice(0, mostQuestions).map((text) => text.slice(0, longestQuestion).trim())
}
