import { expect, test } from 'vitest'
import { findRedisProblem } from './find-redis-problem.ts'

test.each(['redis://h/abc', 'redis://h:99999', 'redis://:%zz@h', 'h:6379'])('%s is no URL of a Redis', async (url) => {
  expect(await findRedisProblem(url)).toMatch(/^is no URL of a Redis, such as redis:\/\/host:6379\/0 \(/)
})

test.skipIf(!process.env.TEST_REDIS_URL)('whoever the server does not let in is told so', async () => {
  const url = new URL(process.env.TEST_REDIS_URL as string)
  url.username = 'nobody'
  url.password = 'wrong'
  expect(await findRedisProblem(url.href)).toMatch(/^refuses the user and password that it names, .*WRONGPASS/)
})
