import type { PlatformHealth } from '../platform.ts'

export function health(): PlatformHealth {
  return {
    works: [
      'titles and descriptions of a channel’s or playlist’s latest 15 videos',
      'a video’s title',
      'transcripts that are handed over (SRT, VTT, JSON)',
    ],
    needs: [],
    limits: [
      'YouTube gives its transcripts to no stranger reliably: hand them over',
      'its feeds fail for days at times',
    ],
  }
}
