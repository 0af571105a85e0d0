import { basename, join } from 'node:path'
import { answerQuestion, type Deps } from '@extropy/api'
import { type OpenDeps, openDeps, parseConfig } from '@extropy/server/deps'
import { ingestSample } from '../answers/ingest-sample.ts'
import { type JudgedQuestion, readSampleQuestions, readSquad } from '../answers/questions.ts'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import { withFolder } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { record, recordData, skip } from '../results.ts'
import { ingestCollection } from '../retrieval/rank.ts'
import { table } from '../table.ts'

/**
 * Asks judged questions and looks whether the first sentences answer: those about the bundled posts, and with `--collection DIR` those of
 * SQuAD 2.0 on their own paragraphs. No language model; the embedder that the environment configures; embedded databases of their own.
 */
export const bench: BenchCase = {
  title: 'how often an answer answers, and how often it admits that it cannot',
  parts: ['squad', 'sample'],
  async run({ collection, wants }) {
    if (wants('squad')) {
      if (collection === undefined) skip('squad', 'give SQuAD 2.0 with --collection DIR')
      else await askSquad(collection)
    }
    if (wants('sample')) {
      await withDeps(async (deps) => {
        await ingestSample(deps)
        const others = collection === undefined ? [] : openSquad(collection).questions.slice(0, othersAsked)
        // A paragraph of an encyclopedia answers them, and no post does.
        const foreign = others.map((each): JudgedQuestion => ({ ...each, isRight: undefined }))
        report('sample', await ask(deps, readSampleQuestions()))
        if (foreign.length > 0) report("another set's, of the sample", await ask(deps, foreign))
      })
    }
  },
}

/** Questions of SQuAD 2.0 that are asked of the sample. */
const othersAsked = 80

async function askSquad(folder: string): Promise<void> {
  const { documents, questions } = openSquad(folder)
  await withDeps(async (deps) => {
    await ingestCollection(deps, { documents, queries: [], grades: new Map() })
    recordData(`${basename(folder)}: ${documents.length} paragraphs, ${questions.length} questions`)
    report('squad', await ask(deps, questions))
  })
}

function openSquad(folder: string): ReturnType<typeof readSquad> {
  try {
    return readSquad(folder)
  } catch (error) {
    throw new BadCallError(`${folder} is not SQuAD 2.0: ${(error as Error).message}`)
  }
}

async function withDeps(use: (deps: OpenDeps) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const deps = await openDeps(parseConfig({ ...process.env, DATABASE_URL: join(folder, 'data') }))
    try {
      await use(deps)
    } finally {
      await deps.close()
    }
  })
}

interface Said extends JudgedQuestion {
  readonly sentences: readonly string[]
  readonly notice: string | null
}

const noModel = { signal: new AbortController().signal, onWriterError: () => {} }

async function ask(deps: Deps, questions: readonly JudgedQuestion[]): Promise<Said[]> {
  const said: Said[] = []
  for (const each of questions) {
    const sentences: string[] = []
    let notice: string | null = null
    const input = { prompt: each.question, nResults: 10, groupBy: 'passage' } as const
    const events = await answerQuestion({ ...deps, writer: undefined }, input, noModel)
    for await (const event of events) {
      if (event.type === 'sentence') sentences.push(event.text)
      if (event.type === 'done') notice = event.notice
    }
    said.push({ ...each, sentences, notice })
  }
  return said
}

/** What no sentence of a document has: links, fences, code marks, emphasis, footnotes, headings, tags. */
const markup = /\]\(|```|`|\*\*|^#+ |^[*-] |\[\^|<\/?(?:a|p|div|br|b|i|code|pre)\b|\|\s*-{3}|(?:^|\s)__?\w/
const wholeSentence = /^["'“‘([]*[\p{L}\p{N}@#$~/.:_-][\s\S]*[.!?。…]["'”’)\]*]*$/u

const goalsOf: Readonly<Record<string, readonly GoalName[]>> = {
  'squad: answered within 3 sentences': ['SQuAD 2.0: answered within 3 sentences'],
  'squad: answered by the first': ['SQuAD 2.0: answered by the first sentence'],
  'sample: answered within 3 sentences': ['sample: answered within 3 sentences'],
  'sample: whole sentences without markup': ['sample: whole sentences without markup'],
  'sample: unanswerable, admitted': ['sample: unanswerable questions admitted'],
  'sample: answerable, refused': ['sample: answerable questions refused'],
}

function report(collection: string, said: readonly Said[]): void {
  const halves = {
    'tuned on': said.filter(({ tunedOn }) => tunedOn),
    'not tuned on': said.filter(({ tunedOn }) => !tunedOn),
  }
  const rows: string[][] = []
  for (const [half, all] of Object.entries(halves)) {
    const answerable = all.filter(({ isRight }) => isRight !== undefined)
    const unanswerable = all.filter(({ isRight }) => isRight === undefined)
    const isRightWithin = (most: number) => (each: Said) =>
      each.sentences.slice(0, most).some((text) => each.isRight?.(text))
    const sentences = all.flatMap((each) => each.sentences)
    const shares: [string, number, number][] = [
      ['answered within 3 sentences', count(answerable, isRightWithin(3)), answerable.length],
      ['answered by the first', count(answerable, isRightWithin(1)), answerable.length],
      ['answerable, refused', count(answerable, (each) => each.sentences.length === 0), answerable.length],
      [
        'unanswerable, admitted',
        count(unanswerable, (each) => each.sentences.length === 0 && each.notice !== null),
        unanswerable.length,
      ],
      [
        'whole sentences without markup',
        count(sentences, (text) => wholeSentence.test(text) && !markup.test(text)),
        sentences.length,
      ],
    ]
    for (const [name, part, of] of shares) {
      if (of === 0) continue
      const goals = half === 'tuned on' ? [] : (goalsOf[`${collection}: ${name}`] ?? [])
      record({
        suite: 'answers',
        name: `${collection}: ${name}`,
        contender: half,
        unit: 'share',
        value: part / of,
        goals,
      })
      rows.push([`${collection}: ${name}`, half, `${(part / of).toFixed(3)} (${part} of ${of})`])
    }
  }
  process.stdout.write(table(['', 'questions', 'share'], rows))
  for (const each of said) {
    if (each.isRight === undefined ? each.sentences.length > 0 : !each.sentences.some(each.isRight)) {
      process.stdout.write(`\n${each.isRight ? 'not answered' : 'not admitted'}: ${each.question}\n`)
      for (const text of each.sentences) process.stdout.write(`  ${text}\n`)
      if (each.notice !== null) process.stdout.write(`  (${each.notice})\n`)
    }
  }
}

function count<Each>(all: readonly Each[], fits: (each: Each) => boolean | undefined): number {
  return all.filter(fits).length
}
