export type { Article, AuthorName } from './article.ts'
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
export { createRobots, type Robots, type RobotsVerdict } from './robots/robots.ts'
export { createVisitor, type Visited, type Visitor, type VisitRequest } from './visit/visitor.ts'
