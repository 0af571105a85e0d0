export { findRedisProblem } from './find-redis-problem.ts'
export { createRedisStore, type RedisStoreOptions } from './redis-store.ts'
