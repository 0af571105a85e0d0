import type { AliasReason, Database } from '@extropy/db'
import { textHash } from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { Piece } from '../ingest/article-line.ts'
import { addressOf, isStorable, spellingOf } from '../ingest/source-url.ts'

/** An article with the content that it is, or becomes. */
export interface Identified {
  readonly article: Piece
  /** Under which it is stored: that of the content which is there already, else the article's canonical one. */
  readonly sourceUrl: string
  readonly textHash: string | undefined
  /** Only its text says that it is that content: elsewhere, it may have another title and another name under it. */
  readonly isCopy: boolean
  /** Its other addresses. */
  readonly aliases: readonly { readonly url: string; readonly reason: AliasReason }[]
}

/** Shorter texts may be equal by chance: «Happy new year!». */
const leastCharacters = 200

/**
 * Tells which content each article is: by its address, by another address of the same piece, by the hash of its text, in this
 * order. Where a person has said that an address is a piece of its own, only that address counts. Articles that come together are told
 * from each other in the same way. A record of an ingest file keeps its address as it is: there a fragment may tell two entries of a page apart,
 * and two texts that are equal are two contents where the file says so.
 */
export async function identify(db: Kysely<Database>, articles: readonly Piece[]): Promise<Identified[]> {
  const named = articles.map((article) => {
    const spelling = spellingOf(article.url)
    const url = article.record === undefined ? addressOf(article.url) : spelling
    const others = [article.url, ...(article.aliases ?? [])].map(article.record === undefined ? addressOf : spellingOf)
    const isLong = article.body.length >= leastCharacters
    return {
      article,
      url,
      /** As `pnpm ingest` stores it. */
      spelling,
      others: [...new Set(others)].filter((other) => other !== url),
      textHash: isLong ? textHash(article.body) : undefined,
    }
  })
  const { byUrl, undone, byText, copies } = await findKnown(db, named)
  return named.map(({ article, url, spelling, others, textHash }) => {
    const isOwn = undone.has(url)
    const ofText = textHash === undefined || isOwn || article.record !== undefined ? undefined : byText.get(textHash)
    const ofOther = isOwn ? undefined : others.map((other) => byUrl.get(other)).find((found) => found !== undefined)
    const sourceUrl = byUrl.get(url) ?? byUrl.get(spelling) ?? ofOther ?? ofText ?? url
    const reason: AliasReason = ofText === sourceUrl && ofOther === undefined ? 'text' : 'canonical'
    const aliases = isOwn
      ? []
      : [
          ...(sourceUrl === url ? [] : [{ url, reason }]),
          ...others
            .filter((other) => other !== sourceUrl && !undone.has(other))
            .map((other) => ({ url: other, reason: 'redirect' as const })),
        ]
    const isCopy = sourceUrl !== url && (reason === 'text' || copies.has(url))
    byUrl.set(url, sourceUrl)
    for (const other of aliases) if (!byUrl.has(other.url)) byUrl.set(other.url, sourceUrl)
    if (textHash !== undefined && !isOwn && !byText.has(textHash)) byText.set(textHash, sourceUrl)
    return { article, sourceUrl, textHash, isCopy, aliases: aliases.filter((alias) => isStorable(alias.url)) }
  })
}

interface Named {
  readonly url: string
  readonly spelling: string
  readonly others: readonly string[]
  readonly textHash: string | undefined
}

async function findKnown(db: Kysely<Database>, named: readonly Named[]) {
  const urls = [...new Set(named.flatMap(({ url, spelling, others }) => [url, spelling, ...others]))]
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
          .select(['contentAliases.url', 'contents.sourceUrl', 'isUndone', 'reason'])
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
    copies: new Set(aliases.filter(({ reason }) => reason === 'text').map(({ url }) => url)),
    byText: new Map(texts.map(({ textHash, sourceUrl }) => [textHash, sourceUrl])),
  }
}
