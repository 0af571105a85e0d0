export { createFakeLaneClock, type FakeLaneClock } from './fake-lane-clock.ts'
export { createFakeResolver, type FakeResolver } from './fake-resolver.ts'
export { growth } from './growth.ts'
export { honestPages } from './honest-pages.ts'
export { type HostilePage, hostilePages } from './hostile-pages.ts'
export { createHostileRoutes, redirect } from './hostile-routes.ts'
export { type LoopbackSite, type Page, type Route, type SiteRequest, startLoopbackSite } from './loopback-site.ts'

import { fileURLToPath } from 'node:url'

export { makeZip, type ZipPart } from '../archive/testing/make-zip.ts'
export { type Files, withFiles } from '../archive/testing/read-files.ts'
export { writeBigZip } from '../archive/testing/write-big-zip.ts'

/** A program that reads the archive that it is given, and prints how much came and how much memory that took. */
export const readInChild = fileURLToPath(new URL('../archive/testing/read-in-child.ts', import.meta.url))
