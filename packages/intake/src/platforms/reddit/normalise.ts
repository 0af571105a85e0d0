import { z } from 'zod'
import type { Article } from '../../article.ts'

const Post = z.object({
  id: z.string(),
  title: z.string(),
  selftext: z.string().default(''),
  author: z.string(),
  permalink: z.string(),
  created_utc: z.number(),
  score: z.number().default(0),
  num_comments: z.number().default(0),
  url: z.string().optional(),
})
const Listing = z.object({ data: z.object({ children: z.array(z.object({ kind: z.string(), data: z.unknown() })) }) })

/** Posts of the API's listing; a post's own page is a list of two. */
export function articlesOfListing(json: unknown): Article[] {
  const listing = Listing.safeParse(Array.isArray(json) ? json[0] : json)
  if (!listing.success) return []
  return listing.data.data.children.flatMap(({ kind, data }) => {
    const post = kind === 't3' ? Post.safeParse(data) : undefined
    if (!post?.success || post.data.author === '[deleted]') return []
    const { title, selftext, author, permalink, created_utc: created, score, num_comments: comments, url } = post.data
    const link = url !== undefined && !url.includes(permalink) ? url : undefined
    return [
      {
        url: `https://www.reddit.com${permalink}`,
        title,
        body: [selftext, link].filter((part) => part).join('\n\n'),
        author: { username: author },
        publishedAt: new Date(created * 1000),
        metrics: { score, comments },
        kind: 'post',
      },
    ]
  })
}

/** A feed's entry without the line that Reddit puts beneath each: who submitted it, and links. */
export function withoutFrame(article: Article): Article {
  const body = article.body.replace(/\n*\s*submitted by[\s\S]{0,600}$/i, '').trim()
  const name = article.author?.username.replace(/^\/?u\//, '')
  return { ...article, body, ...(name !== undefined && { author: { username: name } }) }
}
