export { createFakeLaneClock, type FakeLaneClock } from './fake-lane-clock.ts'
export { createFakeResolver, type FakeResolver } from './fake-resolver.ts'
export { createHostileRoutes, redirect } from './hostile-routes.ts'
export { type LoopbackSite, type Page, type Route, type SiteRequest, startLoopbackSite } from './loopback-site.ts'
