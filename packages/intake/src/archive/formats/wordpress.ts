import { Parser } from 'htmlparser2'
import { type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { textChunks } from '../text/decode.ts'
import { HtmlLimitError, htmlToText } from '../text/html.ts'
import { authorOf, urn, webUrl } from './urn.ts'

/** One `item`, as its own elements say; what is inside of its comments and fields is not among them. */
interface Post {
  readonly fields: Record<string, string>
  readonly tags: string[]
}

interface Site {
  link: string
  readonly names: Map<string, string>
}

/** Longer than any post; above it the text is left out, and the post is a problem. */
const maxFieldLength = 5_000_000
/** WXR itself has five. */
const maxDepth = 200

/** A WordPress export (WXR), as a stream: bare `&` and control characters, which real ones have, do not end it. */
export async function* readWordpress(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const site: Site = { link: '', names: new Map() }
  const posts: Post[] = []
  const { parser, isWhole } = createParser(site, (post) => posts.push(post))
  for await (const chunk of textChunks(part.entry)) {
    parser.write(chunk)
    for (const post of posts.splice(0)) yield* readPost(post, site, context)
  }
  parser.end()
  if (!isWhole()) yield problem('cut', 'it breaks off; the posts that stand whole before that came in')
}

function createParser(site: Site, onPost: (post: Post) => void): { parser: Parser; isWhole: () => boolean } {
  const stack: string[] = []
  let post: Post | undefined
  let author: Record<string, string> | undefined
  let text = ''
  let whole = false
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        stack.push(name)
        if (stack.length > maxDepth) throw new HtmlLimitError(`is nested more than ${maxDepth} elements deep`)
        text = ''
        if (name === 'item') post = { fields: {}, tags: [] }
        if (name === 'wp:author') author = {}
        const { domain, nicename } = attributes
        if (name === 'category') {
          const isTag = (domain === 'post_tag' || domain === 'category') && nicename !== 'uncategorized'
          if (isTag) post?.tags.push('')
        }
      },
      ontext(piece) {
        if (text.length <= maxFieldLength) text += piece
      },
      onclosetag(name, implied) {
        stack.pop()
        const parent = stack.at(-1)
        if (implied) return
        if (name === 'item') {
          if (post !== undefined) onPost(post)
          post = undefined
        } else if (name === 'wp:author') {
          if (author?.['wp:author_login'])
            site.names.set(author['wp:author_login'].trim(), author['wp:author_display_name'] ?? '')
          author = undefined
        } else if (parent === 'item' && post !== undefined) {
          if (name === 'category') {
            const at = post.tags.indexOf('')
            if (at !== -1) post.tags[at] = text.trim()
          } else post.fields[name] ??= text
        } else if (parent === 'wp:author' && author !== undefined) author[name] = text
        else if (parent === 'channel' && (name === 'link' || name === 'wp:base_blog_url')) site.link ||= text.trim()
        else if (name === 'channel' || name === 'rss') whole = true
        text = ''
      },
    },
    { xmlMode: true },
  )
  return { parser, isWhole: () => whole }
}

async function* readPost({ fields, tags }: Post, site: Site, context: ReadContext): AsyncGenerator<Found> {
  const field = (name: string) => fields[name]?.trim() ?? ''
  const type = field('wp:post_type')
  const id = field('wp:post_id')
  if (type === 'attachment' || type === 'nav_menu_item' || type === 'revision') yield skipped('not-content', id)
  else if (type !== 'post' && type !== 'page') yield skipped('other-kind', id)
  else if (field('wp:status') === 'private' || field('wp:post_password') !== '') yield skipped('private', id)
  else if (field('wp:status') === 'trash') yield skipped('deleted', id)
  else if (field('wp:status') !== 'publish') yield skipped('draft', id)
  else if (!context.isNew(`wordpress:${site.link}:${id}`)) yield skipped('duplicate', id)
  else yield await toFound({ field, tags, id, type }, site, context)
}

async function toFound(
  { field, tags, id, type }: { field: (name: string) => string; tags: readonly string[]; id: string; type: string },
  site: Site,
  context: ReadContext,
): Promise<Found> {
  const content = field('content:encoded')
  if (content.length > maxFieldLength)
    return problem('too-large', `a post is longer than ${maxFieldLength} characters`, id)
  try {
    const title = htmlToText(withoutControls(field('title')))
    const body = await context.toMarkdown(paragraphs(withoutControls(content)))
    if (title === '' && body === '') return problem('empty', 'a post has neither a title nor a text', id)
    const login = field('dc:creator')
    const author = authorOf(login, site.names.get(login))
    const excerpt = htmlToText(field('excerpt:encoded'))
    const publishedAt =
      parseDate(field('wp:post_date_gmt')) ?? parseDate(field('pubDate')) ?? parseDate(field('wp:post_date'))
    const slug = field('wp:post_name')
    return item({
      id,
      kind: type,
      platform: 'web',
      url:
        webUrl(field('link'), context.options.siteUrl ?? (site.link || undefined)) ??
        urn('wordpress', context.name, id),
      title,
      body,
      ...(author && { author }),
      ...(publishedAt && { publishedAt }),
      ...(slug && { slug }),
      ...(excerpt && !htmlToText(body).includes(excerpt.slice(0, 200)) && { subtitle: excerpt }),
      tags: [...new Set(tags.map(htmlToText).filter((tag) => tag !== ''))],
    })
  } catch (error) {
    if (!(error instanceof HtmlLimitError)) throw error
    return problem('too-large', `a post ${error.message}`, id)
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const withoutControls = (text: string) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '')

/** Posts of the older editor have no paragraphs: blank lines are. */
function paragraphs(html: string): string {
  const text = html.replace(/\[\/?(caption|gallery|embed|audio|video)\b[^[\]]*\]/g, '')
  if (/<(p|div|h\d|ul|ol|blockquote|table)[\s>]/i.test(text)) return text
  return text
    .split(/\r?\n\s*\r?\n/)
    .map((part) => `<p>${part.trim().replace(/\r?\n/g, '<br>')}</p>`)
    .join('\n')
}
