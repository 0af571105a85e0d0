import { type Target, TargetError } from '../platform.ts'

const channelId = /^UC[\w-]{22}$/
const videoId = /^[\w-]{11}$/
const hosts = new Set(['youtube.com', 'youtu.be', 'youtube-nocookie.com'])
const site = 'https://www.youtube.com'

/** A channel (its address, its id, its @handle), a playlist or a video. @throws TargetError */
export function plan(target: string): Target {
  const text = target.trim()
  if (channelId.test(text)) return channel(text)
  if (/^@[\w.·-]{3,30}$/u.test(text)) return handle(text)
  const url = URL.parse(/^https?:/i.test(text) ? text : `https://${text}`)
  if (url === null || !hosts.has(url.hostname.replace(/^(?:www|m|music)\./, ''))) throw unknown(text)
  const [first = '', second = ''] = url.pathname.split('/').filter((part) => part !== '')
  const list = url.searchParams.get('list')
  const video = url.hostname.endsWith('youtu.be')
    ? first
    : (url.searchParams.get('v') ?? (/^(?:shorts|embed|live|v)$/.test(first) ? second : ''))
  if (videoId.test(video))
    return {
      platform: 'youtube',
      kind: 'video',
      key: `video:${video}`,
      url: `${site}/watch?v=${video}`,
      label: `video ${video}`,
    }
  if (list !== null && /^[\w-]{10,64}$/.test(list)) {
    return {
      platform: 'youtube',
      kind: 'playlist',
      key: `playlist:${list}`,
      url: feedOf('playlist_id', list),
      label: `playlist ${list}`,
    }
  }
  if (first === 'channel' && channelId.test(second)) return channel(second)
  const named = url.searchParams.get('channel_id')
  if (first === 'feeds' && named !== null && channelId.test(named)) return channel(named)
  if (first.startsWith('@')) return handle(first)
  if ((first === 'c' || first === 'user') && second !== '') {
    return {
      platform: 'youtube',
      kind: 'handle',
      key: `${first}:${second.toLowerCase()}`,
      url: `${site}/${first}/${encodeURIComponent(second)}`,
      label: second,
    }
  }
  throw unknown(text)
}

const channel = (id: string): Target => ({
  platform: 'youtube',
  kind: 'channel',
  key: `channel:${id}`,
  url: feedOf('channel_id', id),
  label: `channel ${id}`,
})

const handle = (name: string): Target => ({
  platform: 'youtube',
  kind: 'handle',
  key: name.toLowerCase(),
  url: `${site}/${encodeURI(name)}`,
  label: name,
})

export const feedOf = (key: 'channel_id' | 'playlist_id', id: string) => `${site}/feeds/videos.xml?${key}=${id}`

const unknown = (text: string) =>
  new TargetError(
    `«${text}» is no channel, playlist or video: give an address of youtube.com, an @handle or a channel's id (UC…).`,
  )
