import { createHash } from 'node:crypto'
import { paragraphsOf, readCaptions } from '../../captions/captions.ts'
import { type Found, item, problem } from '../archive-event.ts'
import { nameOf } from '../container/zip.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { wholeText } from '../text/decode.ts'
import { authorOf, urn } from './urn.ts'

/** One video's captions: SRT, WebVTT or YouTube's JSON. */
export async function* readCaptionFile(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const text = await wholeText(part.entry)
  const read = readCaptions(text)
  if (read === undefined) {
    yield problem('cut', 'is no whole JSON')
    return
  }
  const { cues } = read
  const [first] = cues
  if (first === undefined) {
    yield problem('empty', 'has no whole caption')
    return
  }
  const { id, language, title } = nameParts(part.entry.path)
  const spoken = /^Language:\s*([\w-]+)/m.exec(text.slice(0, 1000))?.[1] ?? language
  const body = paragraphsOf(cues)
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
