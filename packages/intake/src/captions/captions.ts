import { type JsonObject, listOf, objectOf, textOf } from '../archive/formats/json-records.ts'
import { htmlToText } from '../archive/text/html.ts'

export interface Cue {
  readonly start: number
  readonly end: number
  readonly lines: readonly string[]
}

export interface Captions {
  readonly cues: readonly Cue[]
  /** Those whose times or words cannot be read. */
  readonly unreadable: number
}

/** Seconds of silence that begin a paragraph, and characters that end one at the next cue. */
const pauseSeconds = 3
const longParagraph = 600

/**
 * What is said and when, of SRT, WebVTT, YouTube's JSON or a list of cues as libraries give them; rolling captions are unrolled.
 * Undefined where `text` is none of these.
 */
export function readCaptions(text: string): Captions | undefined {
  const bare = text.replace(/^\uFEFF/, '').trim()
  const read = /^[{[]/.test(bare) ? readJson(bare) : readCues(bare)
  return read && { ...read, cues: withoutRepetitions(read.cues) }
}

/** The cues' words as paragraphs: a silence ends one, and a cue after some hundred characters. */
export function paragraphsOf(cues: readonly Cue[]): string {
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

const time = String.raw`(?:(\d{1,3}):)?(\d\d):(\d\d)[,.](\d{1,3})`
const timeLine = new RegExp(String.raw`^\s*${time}\s*-->\s*${time}(?:\s.*)?$`)

function readCues(text: string): Captions {
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
    cues: cues.map((each) => ({ ...each, lines: linesOf(each.lines.join('\n')) })),
  }
}

const seconds = ([hours = '0', minutes = '0', whole = '0', part = '0']: readonly (string | undefined)[]) =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(`${whole}.${part.padEnd(3, '0')}`)

/** Styles, positions and the times of single words. */
const withoutMarks = (line: string) => htmlToText(line.replace(/\{\\[^{}]*\}/g, '').replace(/<[\d:.]+>/g, '')).trim()

function readJson(text: string): Captions | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (Array.isArray(json)) return { cues: json.map(objectOf).map(listedCue), unreadable: 0 }
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
        lines: linesOf(line),
      }
    })
  return { cues, unreadable: 0 }
}

/** A cue as libraries that read captions give it: seconds, if it has times. */
function listedCue(cue: JsonObject): Cue {
  const start = Number(cue.start ?? cue.offset ?? 0)
  return { start, end: start + Number(cue.duration ?? 0), lines: linesOf(textOf(cue.text) ?? '') }
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map(withoutMarks)
    .filter((line) => line !== '')

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
