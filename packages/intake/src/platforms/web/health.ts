import type { PlatformHealth } from '../platform.ts'

export function health(): PlatformHealth {
  return {
    works: ['pages', 'sites, by their feed or sitemap', 'sitemaps', 'pages that a reader hands over (`html`)'],
    needs: [],
    limits: [
      'pages that need JavaScript or a login: hand their html over',
      'whatever robots.txt does not allow is not asked for',
    ],
  }
}
