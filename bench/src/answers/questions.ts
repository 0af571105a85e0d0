import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

/** A question with what tells a right answer; no answer is right where the collection has none. */
export interface JudgedQuestion {
  readonly question: string
  /** Whether a sentence answers; undefined: nothing here does. */
  readonly isRight: ((sentence: string) => boolean) | undefined
  /** Weights and thresholds were chosen while these could be seen; figures are reported of the others. */
  readonly tunedOn: boolean
}

const SampleQuestion = z.strictObject({
  half: z.enum(['before', 'after']),
  question: z.string(),
  right: z.string().nullable().describe('A regular expression, without regard to case; null: nothing here answers'),
})

/** About the bundled posts, written from their Markdown: one half before anything was tuned, the other one after. */
export function readSampleQuestions(): JudgedQuestion[] {
  const file = new URL('./sample-questions.json', import.meta.url)
  return z
    .array(SampleQuestion)
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .map(({ half, question, right }) => {
      const pattern = right === null ? undefined : new RegExp(right, 'i')
      return { question, tunedOn: half === 'before', isRight: pattern && ((sentence) => pattern.test(sentence)) }
    })
}

const Document = z.object({ id: z.string(), title: z.string(), text: z.string() })
const SquadQuestion = z.object({
  id: z.string(),
  question: z.string(),
  answerable: z.boolean(),
  answers: z.array(z.string()),
})

/**
 * SQuAD 2.0's questions and paragraphs: `docs.jsonl.gz` {id, title, text} and `questions.jsonl.gz` {id, question, answerable, answers}. A sentence
 * is right where it has one of the accepted answers in it. Questions whose id begins with 0 to 7 are those tuned on.
 *
 * @throws an error that names the file at fault.
 */
export function readSquad(folder: string) {
  const documents = readJsonLines(join(folder, 'docs.jsonl.gz'), Document)
  const questions = readJsonLines(join(folder, 'questions.jsonl.gz'), SquadQuestion).map(
    ({ id, question, answerable, answers }): JudgedQuestion => {
      const accepted = answers.map((answer) => answer.toLowerCase())
      const isRight = (sentence: string) => accepted.some((answer) => sentence.toLowerCase().includes(answer))
      return { question, tunedOn: /^[0-7]/.test(id), isRight: answerable ? isRight : undefined }
    },
  )
  return { documents, questions }
}

function readJsonLines<Row>(path: string, row: z.ZodType<Row>): Row[] {
  try {
    const lines = gunzipSync(readFileSync(path)).toString().split('\n')
    return lines.filter((line) => line.trim() !== '').map((line) => row.parse(JSON.parse(line)))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
}
