import { createHash } from 'node:crypto'
import { type Found, item, problem } from '../archive-event.ts'
import { nameOf } from '../container/zip.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { wholeText } from '../text/decode.ts'
import { htmlToText } from '../text/html.ts'
import { listOf, objectOf, textOf } from './json-records.ts'
import { authorOf, urn } from './urn.ts'

interface Cue {
  readonly start: number
  readonly end: number
  readonly lines: readonly string[]
}

interface ReadCues {
  readonly cues: readonly Cue[]
  /** Those whose times or words cannot be read. */
  readonly unreadable: number
}

/** Seconds of silence that begin a paragraph, and characters that end one at the next cue. */
const pauseSeconds = 3
const longParagraph = 600

/** One video's captions: SRT, WebVTT or YouTube's JSON. */
export async function* readCaptions(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const text = await wholeText(part.entry)
  const read = part.kind === 'json3' ? readJson(text) : readCues(text)
  if (read === undefined) {
    yield problem('cut', 'is no whole JSON')
    return
  }
  const cues = withoutRepetitions(read.cues)
  const [first] = cues
  if (first === undefined) {
    yield problem('empty', 'has no whole caption')
    return
  }
  const { id, language, title } = nameParts(part.entry.path)
  const spoken = /^Language:\s*([\w-]+)/m.exec(text.slice(0, 1000))?.[1] ?? language
  const body = paragraphs(cues)
  const author = authorOf(context.options.author)
  yield item({
    id: id ?? nameOf(part.entry.path),
    kind: 'transcript',
    platform: 'youtube',
    url:
      id === undefined
        ? urn('captions', createHash('sha256').update(body).digest('hex').slice(0, 32))
        : `https://www.youtube.com/watch?v=${id}`,
    title,
    body,
    ...(author && { author }),
    ...(spoken && { language: spoken }),
    captions: {
      cues: cues.length,
      firstStartSeconds: first.start,
      lastStartSeconds: cues.at(-1)?.start ?? first.start,
      durationSeconds: Math.max(...cues.slice(-100).map(({ end }) => end)),
    },
  })
  if (read.unreadable > 0) yield problem('bad-record', `${read.unreadable} captions cannot be read, and are left out`)
}

/** `Glue and wood [dQw4w9WgXcQ].en.vtt`, as downloaders name them. */
function nameParts(path: string): { id: string | undefined; language: string | undefined; title: string } {
  let name = nameOf(path)
  const language = /\.([a-z]{2,3}(?:-[\w-]+)?)$/.exec(name)?.[1]
  if (language !== undefined) name = name.slice(0, -language.length - 1)
  const id = /(?:\[|-|^)([\w-]{11})\]?$/.exec(name)
  const isId = id !== null && (/\[/.test(id[0]) || /^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])/.test(id[1] ?? ''))
  const title = (isId ? name.slice(0, id.index) : name).trim() || name
  return { id: isId ? id[1] : undefined, language: language?.replace(/-orig$/, ''), title }
}

const time = String.raw`(?:(\d{1,3}):)?(\d\d):(\d\d)[,.](\d{1,3})`
const timeLine = new RegExp(String.raw`^\s*${time}\s*-->\s*${time}(?:\s.*)?$`)

function readCues(text: string): ReadCues {
  const cues: { start: number; end: number; lines: string[] }[] = []
  let cue: (typeof cues)[number] | undefined
  let unreadable = 0
  for (const line of text.split(/\r\n|\n|\r/)) {
    const times = timeLine.exec(line)
    if (times !== null) {
      cue = { start: seconds(times.slice(1, 5)), end: seconds(times.slice(5, 9)), lines: [] }
      cues.push(cue)
    } else if (line.includes('-->')) {
      unreadable++
      cue = undefined
    } else if (line.trim() === '') cue = undefined
    else cue?.lines.push(line)
  }
  // A time alone at the end is what a cut leaves; elsewhere it is silence.
  if (cues.at(-1)?.lines.length === 0) unreadable++
  return {
    unreadable,
    cues: cues.map((each) => ({ ...each, lines: each.lines.map(withoutMarks).filter((line) => line !== '') })),
  }
}

const seconds = ([hours = '0', minutes = '0', whole = '0', part = '0']: readonly (string | undefined)[]) =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(`${whole}.${part.padEnd(3, '0')}`)

/** Styles, positions and the times of single words. */
const withoutMarks = (line: string) => htmlToText(line.replace(/\{\\[^}]*\}/g, '').replace(/<[\d:.]+>/g, '')).trim()

function readJson(text: string): ReadCues | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const cues = listOf(objectOf(json).events)
    .map(objectOf)
    .filter((event) => event.segs !== undefined)
    .map((event) => {
      const start = Number(event.tStartMs ?? 0) / 1000
      const line = listOf(event.segs)
        .map((segment) => textOf(objectOf(segment).utf8) ?? (objectOf(segment).utf8 === ' ' ? ' ' : ''))
        .join('')
      return {
        start,
        end: start + Number(event.dDurationMs ?? 0) / 1000,
        lines: line.split('\n').flatMap((each) => each.replace(/\s+/g, ' ').trim() || []),
      }
    })
  return { cues, unreadable: 0 }
}

/** Captions that a machine made roll: each line stands again in the next cue, which adds one. */
function withoutRepetitions(cues: readonly Cue[]): Cue[] {
  const kept: Cue[] = []
  let shown: readonly string[] = []
  for (const cue of cues) {
    let repeated = 0
    for (let count = Math.min(shown.length, cue.lines.length); count > 0 && repeated === 0; count--) {
      if (shown.slice(-count).every((line, at) => line === cue.lines[at])) repeated = count
    }
    // The same words said twice are no repetition: a rolling cue follows at once.
    const rolls = cue.start - (kept.at(-1)?.end ?? Number.NEGATIVE_INFINITY) < 0.05
    const lines = rolls ? cue.lines.slice(repeated) : cue.lines
    if (cue.lines.length > 0) shown = cue.lines
    if (lines.length > 0) kept.push({ ...cue, lines })
    else if (kept.length > 0 && cue.lines.length > 0) kept.push({ ...(kept.pop() as Cue), end: cue.end })
  }
  return kept
}

function paragraphs(cues: readonly Cue[]): string {
  const texts: string[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const cue of cues) {
    const words = cue.lines.join(' ')
    const last = texts.at(-1)
    if (last === undefined || cue.start - end > pauseSeconds || last.length > longParagraph) texts.push(words)
    else texts[texts.length - 1] = `${last} ${words}`
    end = cue.end
  }
  return texts.join('\n\n')
}
