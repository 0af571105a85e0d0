export { ArchiveError, type ArchiveErrorCode } from './archive/archive-error.ts'
export type {
  ArchiveEvent,
  ArchiveFeed,
  ArchiveItem,
  ArchivePlatform,
  ArchiveTotals,
  ProblemCode,
  SkipReason,
} from './archive/archive-event.ts'
export type { ReadArchiveOptions } from './archive/read-context.ts'
export type { Article, AuthorName, Origin } from './article.ts'
export { canonicalUrl } from './canonical-url/canonical-url.ts'
export { textHash } from './canonical-url/text-hash.ts'
export { type Decoded, decodeText } from './charset/decode-text.ts'
export { createIntake, type Intake, type IntakeOptions, type IntakeStats } from './create-intake.ts'
export type { Discovered } from './feed/discover-feeds.ts'
export type { Enclosure, Feed, FeedEntry, FeedResult } from './feed/feed.ts'
export type { OpmlResult, Subscription } from './feed/opml.ts'
export type { FeedInput } from './feed/read-feed.ts'
export { allowPrivateProblem } from './fetch/allow-private.ts'
export type { FetchRequest } from './fetch/fetch-request.ts'
export {
  type Answer,
  type Fetched,
  type FetchReason,
  fetchReasons,
  type Journey,
  type NotTaken,
  type Problem,
  type Redirect,
  type Taken,
  type Timings,
  type Unchanged,
} from './fetch/fetched.ts'
export { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from './fetch/guarded-fetch.ts'
export type { Resolve } from './fetch/resolve.ts'
export { userAgent } from './fetch/user-agent.ts'
export { type HostLanes, laneOf, type Release } from './lanes/host-lanes.ts'
export { createMemoryLanes } from './lanes/memory-lanes.ts'
export { type Outcome, outcomes } from './outcome.ts'
export type { PageInput, PageNotRead, PageRead, PageResult } from './page/read-page.ts'
export type { FeedLink } from './page/survey.ts'
export { guessPlatform, planTarget, platforms } from './platforms/index.ts'
export {
  type Credentials,
  type Memory,
  type Pace,
  type Platform,
  type PlatformHealth,
  type PlatformName,
  type Round,
  type Target,
  TargetError,
  type Tools,
} from './platforms/platform.ts'
export { createReaders, type Readers, type ReadersOptions } from './readers/readers.ts'
export { createRobots, type Robots, type RobotsVerdict } from './robots/robots.ts'
export { createVisitor, type Visited, type Visitor, type VisitRequest } from './visit/visitor.ts'
