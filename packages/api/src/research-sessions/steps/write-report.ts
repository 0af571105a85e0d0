import type { ResearchAnswer, ResearchSource } from '../research-sessions.schema.ts'
import type { Answered } from './answer-questions.ts'
import type { Fetched } from './fetch-targets.ts'

interface Findings {
  readonly session: { readonly name: string; readonly brief: string; readonly keywords: readonly string[] }
  readonly fetched: readonly Fetched[]
  readonly found: readonly ResearchSource[]
  readonly patterns: readonly {
    readonly type: string
    readonly description: string
    readonly confidenceScore: number
  }[]
  readonly contentsAnalyzed: number
  readonly answered: readonly Answered[]
  readonly leftOut: readonly string[]
}

/**
 * The report, in Markdown. Sentences of an answer are the collection's own or a language model's, each with its receipts as footnotes;
 * all else is said by Extropy of its own work. Text from outside is escaped: it can bring no markup with it.
 */
export function writeReport({
  session,
  fetched,
  found,
  patterns,
  contentsAnalyzed,
  answered,
  leftOut,
}: Findings): string {
  const notes = createFootnotes(answered.flatMap(({ sources }) => sources))
  const blocks = [
    `# ${plain(session.name)}`,
    quote(session.brief),
    ...answered.flatMap(({ answer }) => [`## ${plain(answer.question)}`, ...sayAnswer(answer, notes.mark)]),
    ...section('Patterns', patterns.map(sayPattern)),
    ...section(
      'Fetched',
      fetched.map(({ target, outcome, message }) => `\`${code(target)}\`: ${outcome}. ${plain(message)}`),
    ),
    '## Looked at',
    `${found.length} contents have to do with it; ${contentsAnalyzed} of them were analysed.`,
    list(found.slice(0, 20).map(saySource)),
    ...section('Left out', leftOut.map(plain)),
    notes.list(),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

type Receipt = ResearchAnswer['voices'][number]['sentences'][number]['receipts'][number]

function sayAnswer({ voices, notice }: ResearchAnswer, mark: (receipt: Receipt) => string): string[] {
  const said = voices.map(({ author, sentences }) => {
    const text = sentences.map((each) => `${plain(each.text)}${each.receipts.map(mark).join('')}`).join(' ')
    return author === null ? text : `**${plain(author)}:** ${text}`
  })
  if (voices.length === 0 && notice === null) return ['*Nothing was found.*']
  return notice === null ? said : [...said, `*${plain(notice)}*`]
}

function createFootnotes(sources: readonly ResearchSource[]) {
  const byContent = new Map(sources.map((source) => [source.contentId, source]))
  const notes: string[] = []
  return {
    mark({ id, contentId, readAt }: Receipt): string {
      const source = byContent.get(contentId)
      const about = source === undefined ? `content ${contentId}` : saySource(source)
      notes.push(`[^${notes.length + 1}]: ${about}. Read ${readAt}. Receipt: /api/receipts/${id}`)
      return `[^${notes.length}]`
    },
    list: () => notes.join('\n'),
  }
}

function saySource({ title, sourceUrl, author, publishedAt }: ResearchSource): string {
  const day = publishedAt === null ? '' : `, ${new Date(publishedAt).toISOString().slice(0, 10)}`
  return `[${plain(title)}](<${encodeURI(sourceUrl).replaceAll(/[<>]/g, '')}>), ${plain(author)}${day}`
}

function sayPattern({ type, description, confidenceScore }: Findings['patterns'][number]): string {
  return `${type}: ${plain(description)} (confidence ${confidenceScore.toFixed(2)})`
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, list(items)]
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function quote(text: string): string {
  return text.trim() === '' ? '' : `> ${plain(text)}`
}

/** One line that Markdown reads as text. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replace(/^([-+]|\d+[.)])(?= )/, '\\$1')
}

function code(text: string): string {
  return text.replaceAll(/[`\s]+/g, ' ')
}
