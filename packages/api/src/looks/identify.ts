import type { AliasReason, Database } from '@extropy/db'
import { type Article, canonicalUrl, textHash } from '@extropy/intake'
import type { Kysely } from 'kysely'

/** An article with the content that it is, or becomes. */
export interface Identified {
  readonly article: Article
  /** Under which it is stored: that of the content which is there already, else the article's canonical one. */
  readonly sourceUrl: string
  readonly textHash: string | undefined
  /** Its other addresses. */
  readonly aliases: readonly { readonly url: string; readonly reason: AliasReason }[]
}

/** Shorter texts may be equal by chance: «Happy new year!». */
const leastCharacters = 200

/**
 * Tells which content each article is: by its address, by another address of the same piece, by the hash of its text, in this
 * order. Where a person has said that an address is a piece of its own, only that address counts.
 */
export async function identify(db: Kysely<Database>, articles: readonly Article[]): Promise<Identified[]> {
  const named = articles.map((article) => {
    const url = canonicalUrl(article.url) ?? article.url
    const others = [article.url, ...(article.aliases ?? [])].map((each) => canonicalUrl(each) ?? each)
    const isLong = article.body.length >= leastCharacters
    return {
      article,
      url,
      others: [...new Set(others)].filter((other) => other !== url),
      textHash: isLong ? textHash(article.body) : undefined,
    }
  })
  const known = await findKnown(db, named)
  return named.map(({ article, url, others, textHash }) => {
    const isOwn = known.undone.has(url)
    const byText = textHash === undefined || isOwn ? undefined : known.byText.get(textHash)
    const byOther = isOwn
      ? undefined
      : others.map((other) => known.byUrl.get(other)).find((found) => found !== undefined)
    const sourceUrl = known.byUrl.get(url) ?? byOther ?? byText ?? url
    const reason = byText === sourceUrl && byOther === undefined ? 'text' : 'canonical'
    const aliases = [
      ...(sourceUrl === url ? [] : [{ url, reason: reason as AliasReason }]),
      ...others
        .filter((other) => other !== sourceUrl && !known.undone.has(other))
        .map((other) => ({ url: other, reason: 'redirect' as const })),
    ]
    return { article, sourceUrl, textHash, aliases: isOwn ? [] : aliases }
  })
}

async function findKnown(
  db: Kysely<Database>,
  named: readonly { readonly url: string; readonly others: readonly string[]; readonly textHash: string | undefined }[],
) {
  const urls = [...new Set(named.flatMap(({ url, others }) => [url, ...others]))]
  const hashes = [...new Set(named.flatMap((each) => each.textHash ?? []))]
  const contents =
    urls.length === 0
      ? []
      : await db.selectFrom('contents').select('sourceUrl').where('sourceUrl', 'in', urls).execute()
  const aliases =
    urls.length === 0
      ? []
      : await db
          .selectFrom('contentAliases')
          .innerJoin('contents', 'contents.id', 'contentAliases.contentId')
          .select(['contentAliases.url', 'contents.sourceUrl', 'isUndone'])
          .where('contentAliases.url', 'in', urls)
          .execute()
  const texts =
    hashes.length === 0
      ? []
      : await db
          .selectFrom('contentTextHashes')
          .innerJoin('contents', 'contents.id', 'contentTextHashes.contentId')
          .select(['textHash', 'contents.sourceUrl'])
          .where('textHash', 'in', hashes)
          .orderBy('contents.scrapedAt', 'desc')
          .execute()
  return {
    /** Address to that of its content; an address of a content's own comes before an alias. */
    byUrl: new Map([
      ...aliases.filter(({ isUndone }) => !isUndone).map(({ url, sourceUrl }) => [url, sourceUrl] as const),
      ...contents.map(({ sourceUrl }) => [sourceUrl, sourceUrl] as const),
    ]),
    undone: new Set(aliases.filter(({ isUndone }) => isUndone).map(({ url }) => url)),
    byText: new Map(texts.map(({ textHash, sourceUrl }) => [textHash, sourceUrl])),
  }
}
