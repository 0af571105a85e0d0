export type { ResponseCacheOptions } from './options.ts'
export { type BypassCause, responseCache } from './response-cache.ts'
export type { Refusal } from './stored-response.ts'
