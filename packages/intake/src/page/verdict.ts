import type { Outcome } from '../outcome.ts'
import { blocksOf, isProse, weightOf } from './blocks.ts'
import { flat, type HtmlDocument } from './dom.ts'
import type { Metadata } from './metadata.ts'
import type { Survey } from './survey.ts'
import {
  broken,
  challengeMarks,
  challengeTitle,
  challengeWords,
  consentButton,
  consentHost,
  consentTitle,
  consentWords,
  gone,
  goneWords,
  loginTitle,
  loginWords,
  needsScript,
  parked,
  paywallWords,
} from './wall-words.ts'

export interface Verdict {
  readonly outcome: Exclude<Outcome, 'ok' | 'unchanged'>
  readonly reason: string
}

/** What a page looks like to a reader, taken before the search for its article changes the tree. */
export interface Looks {
  readonly title: string
  readonly headings: string
  /** The shown text, a block a line, as far as needed. */
  readonly text: string
  /** Letters in sentences. */
  readonly prose: number
  readonly html: string
  readonly bodyClass: string
  readonly buttons: string
  readonly rootIsEmpty: boolean
  /** Pictures in the article's own element: a piece may be of pictures alone. */
  readonly pictures: number
}

const appRoots =
  '#root, #app, #__next, #__nuxt, #react-root, #main-app, #svelte, #___gatsby, #ember-application, app-root, [ng-app], [data-reactroot]'

export function looksOf(document: HtmlDocument, html: string): Looks {
  const blocks = blocksOf(document.body)
  const text = (selector: string): string =>
    [...document.querySelectorAll(selector)]
      .slice(0, 40)
      .map((each) => flat(each.textContent) || (each.getAttribute('value') ?? ''))
      .join(' | ')
  return {
    title: flat(document.querySelector('title')?.textContent),
    headings: text('h1, h2').slice(0, 1000),
    text: blocks
      .map((block) => block.text)
      .join('\n')
      .slice(0, 20_000),
    prose: blocks.filter(isProse).reduce((sum, block) => sum + weightOf(block.text), 0),
    html,
    bodyClass: `${document.body.getAttribute('class') ?? ''} ${document.documentElement.getAttribute('class') ?? ''}`,
    buttons: text('button, input[type=submit], input[type=button], [role=button], .btn, .button').slice(0, 2000),
    rootIsEmpty: [...document.querySelectorAll(appRoots)].some((element) => flat(element.textContent).length < 60),
    pictures: document.querySelectorAll('article img, [itemprop~=articleBody] img').length,
  }
}

/** Letters of sentences below which a page may be a wall; a longer one is read, whatever script it carries. */
const fewLetters = 1500

/** Whether the page is a wall in place of an article; `article` is the text found on it. */
export function judge(
  looks: Looks,
  found: Survey,
  metadata: Metadata,
  url: string,
  article: { weight: number; prose: number; linkShare: number } | undefined,
): Verdict | undefined {
  const { title, headings, text, html } = looks
  const head = `${title}\n${headings}`
  const letters = article?.prose ?? 0
  const isShort = Math.min(letters, looks.prose) < fewLetters
  const isTiny = Math.min(letters, looks.prose) < 500
  const says = metadata.saysArticle

  if (
    isShort &&
    challengeTitle.test(title) &&
    (challengeMarks.test(html) || challengeWords.test(text) || (isTiny && !says))
  )
    return blocked('a challenge', title)
  if (
    isTiny &&
    !(says && letters > 200) &&
    challengeMarks.test(html) &&
    (challengeWords.test(`${text}\n${found.withoutScript}`) || looks.prose < 120)
  )
    return blocked('a challenge', title)
  if (isTiny && !says && challengeWords.test(text)) return blocked('a challenge', title)

  const consents = text.match(consentWords)?.length ?? 0
  const words = text.split(/\s+/).length
  if (!says || isTiny) {
    const dense = consents >= 4 && consents / Math.max(1, words) > 0.03
    const asks = consentButton.test(looks.buttons)
    if ((consentTitle.test(title) || consentHost.test(hostAndPath(url))) && (asks || dense))
      return blocked('a consent page', title)
    if (dense && asks && isShort && (consentTitle.test(headings) || consents / words > 0.05))
      return blocked('a consent page', title)
  }

  if (
    isShort &&
    (loginTitle.test(title) || loginTitle.test(headings)) &&
    (found.passwordFields > 0 || isTiny) &&
    !(says && letters > 300)
  )
    return blocked('a login page', title)
  if (
    isTiny &&
    !(says && letters > 300) &&
    (found.passwordFields > 0 || loginWords.test(text)) &&
    loginWords.test(`${text} ${looks.buttons}`)
  )
    return blocked('a login page', title)

  if (/\berror-?404\b/i.test(looks.bodyClass) && isShort)
    return { outcome: 'gone', reason: `the page says that it is not there: ${short(title)}` }
  if (isShort && gone.test(head) && (!says || isTiny) && (goneWords.test(text) || isTiny))
    return { outcome: 'gone', reason: `the page says that it is not there: ${short(title || headings)}` }
  if (isTiny && !says && goneWords.test(text)) return { outcome: 'gone', reason: 'the page says that it is not there' }

  if (isTiny && !says && broken.test(head))
    return { outcome: 'failed', reason: `the page is an error of its server: ${short(title || headings)}` }
  if (isTiny && !says && parked.test(`${head}\n${text}`))
    return { outcome: 'gone', reason: 'the page is a placeholder: its site is gone, or not there yet' }

  const isClosed = metadata.jsonLd.isAccessibleForFree === false
  if (letters < fewLetters && (paywallWords.test(text) ? isShort || isClosed : isClosed && letters < 1000))
    return {
      outcome: 'paywalled',
      reason: isClosed
        ? 'the page says that it is not free, and gives its beginning only'
        : 'the text stops at an invitation to subscribe',
    }

  if (letters < 200 && (article?.weight ?? 0) < 300) {
    if (found.scripts > 0 && (looks.rootIsEmpty || needsScript.test(`${found.withoutScript}\n${text}`)))
      return { outcome: 'needs-js', reason: 'the page has no text without JavaScript' }
    if (weightOf(text) < 40 && found.scripts > 0 && html.length > 300)
      return { outcome: 'needs-js', reason: 'the page holds scripts and no text' }
  }
  if (article !== undefined && looks.pictures >= 2 && article.linkShare < 0.5) return undefined
  if (article === undefined || article.weight < 25) return { outcome: 'empty', reason: 'the page has no text' }
  if (article.linkShare > 0.7 && letters < fewLetters)
    return { outcome: 'empty', reason: 'the page is a list of links: it has no article' }
  if (letters < 60 && !says && article.weight < 120)
    return { outcome: 'empty', reason: 'the page has no sentence that could be an article' }
  return undefined
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
const blocked = (what: string, title: string): Verdict => ({
  outcome: 'blocked',
  reason: `${what} stands in place of the page${title === '' ? '' : `: ${short(title)}`}`,
})

function hostAndPath(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? '' : `${parsed.hostname}${parsed.pathname}`
}
