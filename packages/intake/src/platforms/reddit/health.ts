import type { Credentials, PlatformHealth } from '../platform.ts'

export function health(_credentials: Credentials): PlatformHealth {
  return {
    works: ['feeds of subreddits, users and posts, about one request a minute', 'Reddit’s own export (GDPR), imported'],
    needs: [{ what: 'scores, and more than a request a minute', setting: 'REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET' }],
    limits: ['a 403 here means: slow down'],
  }
}
