import type { Platform } from '../platform.ts'
import { fetch } from './fetch.ts'
import { health } from './health.ts'
import { plan } from './plan.ts'

export const twitter: Platform = { name: 'twitter', plan, fetch, health }
