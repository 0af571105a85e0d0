import createParser from 'robots-parser'

export interface RobotsQuestion {
  /** The address of robots.txt, which is where it was asked for, not where a redirect led. */
  readonly robotsUrl: string
  readonly text: string
  readonly url: string
  readonly robotName: string
}

export interface RobotsReading {
  readonly allowed: boolean
  readonly crawlDelaySeconds: number | undefined
  readonly sitemaps: readonly string[]
}

const mostSitemaps = 100

/**
 * Parses and matches in one go. Text made for it keeps this busy for seconds (64 KiB of `*a*a`, or as many agents as rules, which
 * multiply): it belongs into a worker (`robots.worker.ts`).
 */
export function readRobots({ robotsUrl, text, url, robotName }: RobotsQuestion): RobotsReading {
  const robots = parse(robotsUrl, text)
  return {
    // Undefined only for an address of another origin.
    allowed: robots.isAllowed(url, robotName) ?? false,
    crawlDelaySeconds: robots.getCrawlDelay(robotName),
    sitemaps: robots.getSitemaps().slice(0, mostSitemaps),
  }
}

// The package is CommonJS, and its declaration says `export default`: the function is the module itself.
const parse = createParser as unknown as typeof createParser.default
