import type { PlatformHealth } from '../platform.ts'

export function health(): PlatformHealth {
  return {
    works: [
      'RSS 0.9 to 2.0, RDF, Atom, JSON Feed, also broken ones',
      'the feed of a site',
      'the whole text from the page',
    ],
    needs: [],
    limits: ['1,000 entries and 5 MB a feed'],
  }
}
