import { canonicalUrl } from '../../canonical-url/canonical-url.ts'
import type { Target } from '../platform.ts'
import { webAddress } from '../web-address.ts'

/** A page, a site (an address without a path) or a sitemap. @throws TargetError */
export function plan(target: string): Target {
  const url = webAddress(target)
  const key = canonicalUrl(url.href) ?? url.href
  // By the key, so that one key is of one kind: `/?utm_source=x` is the site too.
  const { pathname, search } = new URL(key)
  const isSitemap = /sitemap[^/]*\.xml(?:\.gz)?$/i.test(pathname)
  const kind = isSitemap ? 'sitemap' : pathname === '/' && search === '' ? 'site' : 'page'
  return { platform: 'web', kind, key, url: url.href, label: `${url.host}${url.pathname.replace(/\/$/, '')}` }
}
