import { expect, test } from 'vitest'
import { findRedisProblem } from './find-redis-problem.ts'

test.each(['redis://h/abc', 'redis://h:99999', 'redis://:%zz@h', 'h:6379'])('%s is no URL of a Redis', async (url) => {
  expect(await findRedisProblem(url)).toMatch(/^is no URL of a Redis, such as redis:\/\/host:6379\/0 \(/)
})
