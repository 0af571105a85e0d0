import { DomUtils, parseDocument } from 'htmlparser2'
import { type Found, item, problem, skipped } from '../archive-event.ts'
import { nameOf } from '../container/zip.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { wholeText } from '../text/decode.ts'
import { walk } from '../text/html.ts'
import { authorOf, urn, webUrl } from './urn.ts'

type Element = NonNullable<ReturnType<typeof DomUtils.findOne>>

/** One file of posts/ of a Medium export. Claps, lists, sessions and the profile are other people's, or nobody's business. */
export async function* readMedium(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const { path } = part.entry
  const html = await wholeText(part.entry)
  if (!/<\/(html|article)>\s*$/i.test(html)) {
    yield problem('cut', 'it breaks off, and is left out')
    return
  }
  walk(html, {})
  const document = parseDocument(html)
  const find = (test: (element: Element) => boolean) => DomUtils.findOne(test, document.children) ?? undefined
  const byClass = (name: string) => find((element) => hasClass(element, name))

  const content = find((element) => element.attribs['data-field'] === 'body') ?? byClass('e-content')
  if (content === undefined) {
    yield skipped('not-content', path)
    return
  }
  const title = textIn(byClass('p-name')) || textIn(find((element) => element.name === 'title'))
  const canonical = webUrl(byClass('p-canonical')?.attribs.href)
  const time = byClass('dt-published')
  const stem = nameOf(path)
  // A draft has no address but the one that shows it to its author.
  if (stem.startsWith('draft_') || (canonical === undefined && time === undefined)) {
    yield skipped('draft', stem)
    return
  }
  const subtitle = textIn(byClass('p-summary'))
  const isResponse = isResponseTo(content, title)
  for (const repeated of DomUtils.findAll((element) => isRepeated(element, title, subtitle), content.children)) {
    DomUtils.removeElement(repeated)
  }
  const body = await context.toMarkdown(DomUtils.getInnerHTML(content))
  if (body === '' && title === '') {
    yield problem('empty', 'has no text', stem)
    return
  }
  const author = byClass('p-author')
  const publishedAt = parseDate(time?.attribs.datetime)
  const name = authorOf(handleOf(author?.attribs.href) ?? textIn(author), textIn(author))
  const url = canonical ?? webUrl(time?.parent && 'attribs' in time.parent ? time.parent.attribs.href : undefined)
  const isOwn = url !== undefined && context.isNew(`medium:${url}`)
  yield item({
    id: /[0-9a-f]{10,12}$/.exec(stem)?.[0] ?? stem,
    kind: isResponse ? 'comment' : 'post',
    platform: 'web',
    // Two posts that name one address are two posts all the same.
    url: isOwn ? url : url === undefined ? urn('medium', context.name, stem) : `${url}#${encodeURIComponent(stem)}`,
    ...(url !== undefined && !isOwn && { aliases: [url] }),
    title,
    body,
    ...(subtitle && { subtitle }),
    ...(name && { author: name }),
    ...(publishedAt && { publishedAt }),
    tags: DomUtils.findAll((element) => hasClass(element, 'p-tag'), document.children).map(textIn),
  })
}

const hasClass = (element: Element, name: string) => (element.attribs.class ?? '').split(/\s+/).includes(name)
const textIn = (element: Element | undefined) =>
  element === undefined ? '' : DomUtils.textContent(element).replace(/\s+/g, ' ').trim()

/** A response has no title of its own: Medium gives it its first words. */
function isResponseTo(content: Element, title: string): boolean {
  if (DomUtils.findOne((element) => hasClass(element, 'graf--title'), content.children) !== null) return false
  const start = title.replace(/…$|\.\.\.$/, '').trim()
  return start !== '' && textIn(content).startsWith(start)
}

/** Title and subtitle stand in the text once more, below a line that each section has. */
function isRepeated(element: Element, title: string, subtitle: string): boolean {
  if (hasClass(element, 'section-divider')) return true
  if (hasClass(element, 'graf--title')) return textIn(element) === title
  return hasClass(element, 'graf--subtitle') && textIn(element) === subtitle
}

const handleOf = (href: string | undefined) => /medium\.com\/(@[\w.-]+)/.exec(href ?? '')?.[1]
