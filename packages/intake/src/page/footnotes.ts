import { flat, type HtmlDocument, type HtmlElement, nameOf } from './dom.ts'

/** Kept apart from the page's own words by letters that no page has: private use. */
export const footnoteMark = (label: string): string => `\uE000${label}\uE001`

export interface Footnote {
  readonly label: string
  readonly element: HtmlElement
}

const most = 500
const noteLike = /(?:^|[\s_-])(?:footnotes?|endnotes?|fn|cite_note|references?|sidenotes?|notes?)(?:$|[\s_:.\d-])/i

/**
 * Takes the footnotes out of the page and leaves a mark at each place that refers to one. Readability throws them away otherwise:
 * a list of back links looks like a menu to it.
 */
export function takeFootnotes(document: HtmlDocument): Footnote[] {
  const notes: Footnote[] = []
  const labels = new Map<HtmlElement, string>()
  const byId = idReader(document)
  for (const link of document.querySelectorAll('a[href^="#"], a[role="doc-noteref"]')) {
    if (notes.length >= most) break
    const label = flat(link.textContent).replace(/^[[(^]+|[\])]+$/g, '')
    if (!/^(?:\d{1,3}|[*†‡§¶]{1,3}|[a-z]{1,2}|[ivx]{1,5})$/i.test(label)) continue
    const note = noteOf(byId, link)
    if (note === undefined) continue
    if (!labels.has(note)) {
      const name = /^[\da-z]+$/i.test(label) && ![...labels.values()].includes(label) ? label : `n${labels.size + 1}`
      labels.set(note, name)
      notes.push({ label: name, element: withoutBackLinks(note) })
    }
    const mark = footnoteMark(labels.get(note) as string)
    const sup = link.parentElement
    if (sup !== null && nameOf(sup) === 'sup' && flat(sup.textContent).length <= label.length + 4) sup.replaceWith(mark)
    else link.replaceWith(mark)
  }
  for (const note of labels.keys()) {
    const holder = note.parentElement
    note.remove()
    if (holder !== null && /^(?:[ou]l|dl)$/.test(nameOf(holder)) && flat(holder.textContent) === '')
      removeSection(holder)
  }
  return notes
}

/** linkedom walks the whole document for each id that is asked for. */
function idReader(document: HtmlDocument): (id: string) => HtmlElement | undefined {
  let known: Map<string, HtmlElement> | undefined
  return (id) => {
    known ??= new Map(
      [...document.querySelectorAll('[id]')].map((element) => [element.getAttribute('id') ?? '', element]),
    )
    return known.get(id)
  }
}

/** The footnote that a link leads to: by its role, its id or its holder's class, or because it leads back. */
function noteOf(byId: (id: string) => HtmlElement | undefined, link: HtmlElement): HtmlElement | undefined {
  const id = decode((link.getAttribute('href') ?? '').slice(1))
  if (id === '') return undefined
  const target = byId(id)
  if (target === undefined || target.contains(link)) return undefined
  const note = /^(?:li|p|div|dd|aside|section|td)$/.test(nameOf(target)) ? target : target.closest('li, p, dd')
  if (note === null || note.contains(link) || flat(note.textContent).length > 3000) return undefined
  const isRef =
    link.getAttribute('role') === 'doc-noteref' ||
    nameOf(link.parentElement ?? link) === 'sup' ||
    link.querySelector('sup') !== null
  const names = [note, note.parentElement, note.parentElement?.parentElement].map(
    (each) =>
      `${each?.getAttribute('class') ?? ''} ${each?.getAttribute('id') ?? ''} ${each?.getAttribute('role') ?? ''}`,
  )
  const leadsBack = backLinks(note).length > 0
  return (isRef && (leadsBack || names.some((each) => noteLike.test(each)))) ||
    (leadsBack && noteLike.test(`${names.join(' ')} ${id}`))
    ? note
    : undefined
}

const backLinks = (note: HtmlElement): HtmlElement[] =>
  [...note.querySelectorAll('a[href^="#"]')].filter(
    (link) =>
      flat(link.textContent).length <= 6 ||
      link.getAttribute('role') === 'doc-backlink' ||
      /back/i.test(link.getAttribute('class') ?? ''),
  )

function withoutBackLinks(note: HtmlElement): HtmlElement {
  for (const link of backLinks(note)) {
    const holder = link.parentElement
    link.remove()
    if (holder !== null && holder !== note && flat(holder.textContent) === '') holder.remove()
  }
  if (nameOf(note) !== 'li')
    note.innerHTML = note.innerHTML.replace(
      /^\s*(?:<(?:sup|span)[^>]*>\s*)?\[?\d{1,3}\]?[.):]?\s*(?:<\/(?:sup|span)>)?/i,
      '',
    )
  return note
}

/** The emptied list, and the heading and the rule that announced it. */
function removeSection(holder: HtmlElement): void {
  const section = holder.parentElement
  const before = holder.previousElementSibling
  if (
    before !== null &&
    (nameOf(before) === 'hr' ||
      (/^h[1-6]$/.test(nameOf(before)) &&
        /^(?:foot|end)?notes?|references|fußnoten|anmerkungen$/i.test(flat(before.textContent))))
  )
    before.remove()
  holder.remove()
  if (section !== null && flat(section.textContent) === '' && nameOf(section) !== 'body') section.remove()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
