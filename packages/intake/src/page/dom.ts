import { parseHTML } from 'linkedom'

/** The part of the DOM that is used here. The compiler's own `dom` library would reach every package that imports this one. */
export interface HtmlNode {
  readonly nodeType: number
  readonly parentElement: HtmlElement | null
  readonly firstChild: HtmlNode | null
  readonly nextSibling: HtmlNode | null
  readonly textContent: string | null
  remove(): void
  /** Its markup. */
  toString(): string
}

export interface HtmlElement extends HtmlNode {
  readonly tagName: string
  readonly children: ArrayLike<HtmlElement> & Iterable<HtmlElement>
  readonly childNodes: ArrayLike<HtmlNode> & Iterable<HtmlNode>
  readonly previousElementSibling: HtmlElement | null
  readonly nextElementSibling: HtmlElement | null
  innerHTML: string
  textContent: string | null
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  removeAttribute(name: string): void
  hasAttribute(name: string): boolean
  querySelector(selector: string): HtmlElement | null
  querySelectorAll(selector: string): Iterable<HtmlElement> & ArrayLike<HtmlElement>
  closest(selector: string): HtmlElement | null
  contains(other: HtmlNode): boolean
  replaceWith(...nodes: (HtmlNode | string)[]): void
  append(...nodes: (HtmlNode | string)[]): void
}

export interface HtmlDocument {
  readonly documentElement: HtmlElement
  readonly head: HtmlElement
  readonly body: HtmlElement
  createElement(name: string): HtmlElement
  getElementById(id: string): HtmlElement | null
  querySelector(selector: string): HtmlElement | null
  querySelectorAll(selector: string): Iterable<HtmlElement> & ArrayLike<HtmlElement>
}

/** linkedom throws for text that is no document, and has no body where the text has none: both get their frame here. */
export function parseDocument(html: string): HtmlDocument {
  const framed = /<html[\s>]/i.test(html) ? html : `<!doctype html><html><body>${html}</body></html>`
  const { document } = parseHTML(framed) as unknown as { document: HtmlDocument }
  return document
}

export const isElement = (node: HtmlNode): node is HtmlElement => node.nodeType === 1
export const isText = (node: HtmlNode): node is HtmlNode & { data: string } => node.nodeType === 3

/** The element's name in lower case. */
export const nameOf = (element: HtmlElement): string => element.tagName.toLowerCase()

/** Text on one line, without space at its ends. */
export const flat = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim()
