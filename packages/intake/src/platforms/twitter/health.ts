import type { PlatformHealth } from '../platform.ts'

export function health(): PlatformHealth {
  return {
    works: ['a single post, by its address', 'an author’s own archive, imported'],
    needs: [{ what: 'the posts of a profile', setting: 'TWITTER_BEARER_TOKEN' }],
    limits: ['X shows no profile to strangers'],
  }
}
