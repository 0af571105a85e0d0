import { z } from 'zod'
import type { Article } from '../../article.ts'
import { parseJson } from '../parse-json.ts'
import { transcriptText } from './transcript.ts'

const Embed = z.object({ title: z.string(), author_name: z.string(), author_url: z.string().optional() })

/** Undefined for what is not oEmbed's answer. */
export function articleOfVideo(url: string, json: string, transcript?: string): Article | undefined {
  const parsed = Embed.safeParse(parseJson(json))
  if (!parsed.success) return undefined
  const { title, author_name: name, author_url: channel } = parsed.data
  const text = transcript === undefined ? undefined : transcriptText(transcript)
  return {
    url,
    title,
    body: text ?? title,
    author: { username: channel?.split('/').at(-1) ?? name, displayName: name },
    kind: text === undefined ? 'video' : 'transcript',
  }
}

/** All addresses of a feed's video, so that it is one content whichever of them people give. */
export function withVideoAddresses(article: Article): Article {
  const id = /[?&]v=([\w-]{11})|\/shorts\/([\w-]{11})/.exec(article.url)
  const video = id?.[1] ?? id?.[2]
  if (video === undefined) return article
  const url = `https://www.youtube.com/watch?v=${video}`
  return {
    ...article,
    url,
    aliases: [`https://youtu.be/${video}`, `https://www.youtube.com/shorts/${video}`],
    kind: 'video',
  }
}
