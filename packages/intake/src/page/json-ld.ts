import type { HtmlDocument } from './dom.ts'
import { flat } from './dom.ts'

/** What pages say of themselves by schema.org. */
export interface JsonLd {
  readonly headline?: string
  readonly authors: readonly string[]
  readonly published?: string
  readonly language?: string
  readonly siteName?: string
  readonly description?: string
  readonly image?: string
  readonly articleBody?: string
  readonly keywords: readonly string[]
  readonly isArticle: boolean
  readonly isAccessibleForFree?: boolean
}

type Json = Readonly<Record<string, unknown>>

const articleType = /(?:Article|BlogPosting|NewsPosting|Report|Review|LiveBlogPosting|SocialMediaPosting|HowTo|Recipe)$/
const mostNodes = 500

export function readJsonLd(document: HtmlDocument): JsonLd {
  const nodes: Json[] = []
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    gather(parse(script.textContent ?? ''), nodes)
  }
  const article = nodes.find((node) => types(node).some((type) => articleType.test(type)))
  const page = article ?? nodes.find((node) => types(node).some((type) => /WebPage$|VideoObject$/.test(type)))
  const site = nodes.find((node) => types(node).includes('WebSite'))
  if (page === undefined)
    return { authors: [], keywords: [], isArticle: false, ...optional({ siteName: text(site?.name) }) }
  const free = page.isAccessibleForFree
  const byId = (value: unknown): unknown => {
    const id = isJson(value) && typeof value['@id'] === 'string' && value.name === undefined ? value['@id'] : undefined
    return id === undefined ? value : (nodes.find((node) => node['@id'] === id && node.name !== undefined) ?? value)
  }
  return {
    isArticle: article !== undefined,
    authors: list(page.author)
      .map(byId)
      .map(nameIn)
      .filter((name) => name !== undefined),
    keywords: list(page.keywords)
      .flatMap((each) => (typeof each === 'string' ? each.split(',') : []))
      .map((each) => flat(each)),
    ...optional({
      headline: text(page.headline) ?? (article === undefined ? undefined : text(page.name)),
      published: text(page.datePublished),
      language: text(page.inLanguage) ?? nameIn(page.inLanguage),
      siteName: nameIn(byId(page.publisher)) ?? text(site?.name),
      description: text(page.description),
      image: imageIn(page.image),
      articleBody: typeof page.articleBody === 'string' ? page.articleBody : undefined,
    }),
    ...(free !== undefined && { isAccessibleForFree: !/^false$/i.test(String(free)) }),
  }
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source.replace(/^\s*(?:<!--|\/\*.*?\*\/|<!\[CDATA\[)|(?:-->|\]\]>)\s*$/g, ''))
  } catch {
    return undefined
  }
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
const types = (node: Json): string[] => list(node['@type']).map((type) => String(type).replace(/^.*[/#]/, ''))
const text = (value: unknown): string | undefined => (typeof value === 'string' ? flat(value) || undefined : undefined)

function gather(value: unknown, into: Json[], depth = 0): void {
  if (depth > 4 || into.length > mostNodes) return
  for (const each of list(value)) {
    if (!isJson(each)) continue
    into.push(each)
    gather(each['@graph'], into, depth + 1)
    gather(each.mainEntity, into, depth + 1)
    gather(each.mainEntityOfPage, into, depth + 1)
  }
}

function nameIn(value: unknown): string | undefined {
  if (typeof value === 'string') return text(value)
  if (isJson(value)) return typeof value.name === 'string' ? text(value.name) : nameIn(list(value.name)[0])
  return undefined
}

function imageIn(value: unknown): string | undefined {
  const [first] = list(value)
  return typeof first === 'string' ? first : isJson(first) ? text(first.url) : undefined
}

function optional<T extends Readonly<Record<string, string | undefined>>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string
  }
}
