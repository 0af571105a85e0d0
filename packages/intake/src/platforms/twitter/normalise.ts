import { z } from 'zod'
import type { Article } from '../../article.ts'
import { parseJson } from '../parse-json.ts'

const Embed = z.object({ html: z.string(), author_name: z.string(), author_url: z.string() })
const User = z.object({ data: z.object({ id: z.string().regex(/^\d{1,20}$/) }) })
const Timeline = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        text: z.string(),
        note_tweet: z.object({ text: z.string() }).optional(),
        created_at: z.string().optional(),
        lang: z.string().optional(),
        public_metrics: z.record(z.string(), z.number()).optional(),
      }),
    )
    .default([]),
})

/** A post as oEmbed has it: a quotation with its text, and a link with its day. */
export function articleOfEmbed(url: string, body: Uint8Array): Article | undefined {
  const parsed = Embed.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { html, author_name: name, author_url: profile } = parsed.data
  const text = plain(/<p[^>]*>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? '')
  const day = Date.parse(`${/>([A-Z][a-z]+ \d{1,2}, \d{4})<\/a>/.exec(html)?.[1] ?? ''} UTC`)
  if (text === '') return undefined
  return {
    url,
    title: titleOf(text),
    body: text,
    author: { username: profile.split('/').at(-1) ?? name, displayName: name },
    ...(Number.isNaN(day) ? {} : { publishedAt: new Date(day) }),
    aliases: [url.replace('twitter.com', 'x.com')],
    kind: 'post',
  }
}

export function userIdOf(body: Uint8Array): string | undefined {
  return User.safeParse(parseJson(body)).data?.data.id
}

export function articlesOfTimeline(body: Uint8Array, name: string): Article[] {
  return (Timeline.safeParse(parseJson(body)).data?.data ?? []).map((post) => {
    const text = plain(post.note_tweet?.text ?? post.text)
    const url = `https://twitter.com/${name}/status/${post.id}`
    const { like_count: likes = 0, retweet_count: reposts = 0, reply_count: replies = 0 } = post.public_metrics ?? {}
    return {
      url,
      title: titleOf(text),
      body: text,
      author: { username: name },
      ...(post.created_at === undefined ? {} : { publishedAt: new Date(post.created_at) }),
      ...(post.lang === undefined ? {} : { language: post.lang }),
      metrics: { likes, reposts, replies },
      aliases: [url.replace('twitter.com', 'x.com')],
      kind: 'post',
    }
  })
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", mdash: '—' }

function plain(html: string): string {
  return html
    .replaceAll(/<br\s*\/?>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&([#\w]+);/g, (all, name: string) => entities[name] ?? all)
    .trim()
}

function titleOf(text: string): string {
  const [line = ''] = text.split('\n')
  return line.length <= 80 ? line : `${line.slice(0, line.lastIndexOf(' ', 80) > 0 ? line.lastIndexOf(' ', 80) : 80)}…`
}
