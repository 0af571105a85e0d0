import { canonicalUrl } from '../../canonical-url/canonical-url.ts'
import type { Target } from '../platform.ts'
import { webAddress } from '../web-address.ts'

/** A page, a site (an address without a path) or a sitemap. @throws TargetError */
export function plan(target: string): Target {
  const url = webAddress(target)
  const key = canonicalUrl(url.href) ?? url.href
  const isSitemap = /sitemap[^/]*\.xml(?:\.gz)?$/i.test(url.pathname)
  const kind = isSitemap ? 'sitemap' : url.pathname === '/' && url.search === '' ? 'site' : 'page'
  return { platform: 'web', kind, key, url: url.href, label: `${url.host}${url.pathname.replace(/\/$/, '')}` }
}
