import type { Article } from '../../article.ts'
import type { Taken } from '../../fetch/fetched.ts'
import type { PageRead } from '../../page/read-page.ts'
import { originOf } from '../rounds.ts'

/** A page's article, with every address that led to it. */
export function normalise({ article }: PageRead, fetched?: Taken, changedAt?: Date): Article {
  const led = fetched === undefined ? [] : [fetched.requestedUrl, ...fetched.redirects.map(({ to }) => to), fetched.url]
  const aliases = [...new Set([...(article.aliases ?? []), ...led])].filter((url) => url !== article.url)
  const publishedAt = article.publishedAt ?? changedAt
  return {
    ...article,
    aliases,
    ...(publishedAt !== undefined && { publishedAt }),
    ...(fetched !== undefined && { origin: originOf(fetched, fetched.body) }),
  }
}
