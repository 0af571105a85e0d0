import { type Target, TargetError } from '../platform.ts'

const site = 'https://www.reddit.com'

/** r/name, u/name, or a post's address. @throws TargetError */
export function plan(target: string): Target {
  const text = target.trim()
  const path = /^\/?(?:r|u|user)\//i.test(text) ? text : pathOf(text)
  const [kind = '', name = '', comments, post] = path.split('/').filter((part) => part !== '')
  if (!/^[\w-]{2,30}$/.test(name)) throw unknown(text)
  if (/^r$/i.test(kind)) {
    if (comments === 'comments' && post !== undefined && /^[a-z\d]{3,12}$/i.test(post)) {
      const url = `${site}/r/${name}/comments/${post}/`
      return {
        platform: 'reddit',
        kind: 'post',
        key: `post:${post.toLowerCase()}`,
        url,
        label: `r/${name}, post ${post}`,
      }
    }
    return {
      platform: 'reddit',
      kind: 'subreddit',
      key: `r/${name.toLowerCase()}`,
      url: `${site}/r/${name}/`,
      label: `r/${name}`,
    }
  }
  if (/^u(?:ser)?$/i.test(kind))
    return {
      platform: 'reddit',
      kind: 'user',
      key: `u/${name.toLowerCase()}`,
      url: `${site}/user/${name}/`,
      label: `u/${name}`,
    }
  throw unknown(text)
}

function pathOf(text: string): string {
  const url = URL.parse(/^https?:/i.test(text) ? text : `https://${text}`)
  return url !== null && /^(?:[\w-]+\.)?reddit\.com$/.test(url.hostname)
    ? url.pathname.replace(/\.(?:rss|json)$/, '')
    : ''
}

const unknown = (text: string) =>
  new TargetError(`«${text}» is nothing on Reddit: give r/name, u/name or a post's address.`)
