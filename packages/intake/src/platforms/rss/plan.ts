import { canonicalUrl } from '../../canonical-url/canonical-url.ts'
import type { Target } from '../platform.ts'
import { webAddress } from '../web-address.ts'

/** A feed's address, or a site's, whose feed is looked for. @throws TargetError */
export function plan(target: string): Target {
  const url = webAddress(
    target.trim().replace(/^feed:(?:\/\/)?(?=\w)/i, (start) => (/^feed:\/\//i.test(start) ? 'https://' : '')),
  )
  const key = canonicalUrl(url.href) ?? url.href
  return { platform: 'rss', kind: 'feed', key, url: url.href, label: `${url.host}${url.pathname.replace(/\/$/, '')}` }
}
