import type { Platform } from '../platform.ts'
import { fetch } from './fetch.ts'
import { health } from './health.ts'
import { plan } from './plan.ts'

export const rss: Platform = { name: 'rss', plan, fetch, health }
