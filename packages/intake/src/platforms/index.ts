import { type Platform, type PlatformName, type Target, TargetError } from './platform.ts'
import { reddit } from './reddit/index.ts'
import { rss } from './rss/index.ts'
import { twitter } from './twitter/index.ts'
import { web } from './web/index.ts'
import { youtube } from './youtube/index.ts'

export const platforms: Readonly<Record<PlatformName, Platform>> = { web, rss, youtube, reddit, twitter }

/** The platform that a person means who names none. @throws TargetError where it may be one of several */
export function guessPlatform(target: string): PlatformName {
  const text = target.trim()
  const host = URL.parse(/^https?:/i.test(text) ? text : `https://${text}`)?.hostname.replace(
    /^(?:www|m|old|new|mobile|music)\./,
    '',
  )
  if (/^\/?(?:r|u|user)\/\w/i.test(text) || host === 'reddit.com' || host === 'redd.it') return 'reddit'
  if (host === 'youtube.com' || host === 'youtu.be' || /^UC[\w-]{22}$/.test(text)) return 'youtube'
  if (host === 'twitter.com' || host === 'x.com') return 'twitter'
  if (text.startsWith('@')) {
    throw new TargetError(
      `«${text}» may be on several platforms: name one of youtube and twitter, or give its whole address.`,
    )
  }
  if (/^feed:|(?:\.(?:rss|atom|rdf|xml)|\/(?:feed|rss|atom)(?:\.(?:xml|json))?\/?)(?:\?.*)?$/i.test(text)) {
    return /sitemap[^/]*\.xml/i.test(text) ? 'web' : 'rss'
  }
  return 'web'
}

/** A target of this platform, or of the one that it looks like. @throws TargetError */
export function planTarget(target: string, platform: PlatformName = guessPlatform(target)): Target {
  return platforms[platform].plan(target)
}
