import { type Target, TargetError } from '../platform.ts'

/** @handle, a profile's address, or a post's. @throws TargetError */
export function plan(target: string): Target {
  const text = target.trim()
  const [name = '', status, id] = text.startsWith('@') ? [text.slice(1)] : partsOf(text)
  if (!/^\w{1,15}$/.test(name)) {
    throw new TargetError(`«${text}» is nothing on X: give an @handle, or the address of a profile or a post.`)
  }
  if (status === 'status' && id !== undefined && /^\d{1,20}$/.test(id)) {
    return {
      platform: 'twitter',
      kind: 'post',
      key: `post:${id}`,
      url: `https://twitter.com/${name}/status/${id}`,
      label: `@${name}, post ${id}`,
    }
  }
  return {
    platform: 'twitter',
    kind: 'profile',
    key: `@${name.toLowerCase()}`,
    url: `https://twitter.com/${name}`,
    label: `@${name}`,
  }
}

function partsOf(text: string): string[] {
  const url = URL.parse(/^https?:/i.test(text) ? text : `https://${text}`)
  const isX = url !== null && /^(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com$/.test(url.hostname)
  return isX ? url.pathname.split('/').filter((part) => part !== '') : []
}
