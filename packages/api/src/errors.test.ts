import { TRPCError } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeError, fieldError, toTrpcError } from './errors.ts'

test.each(['22007', '22008', '22009'])('a time that PostgreSQL cannot read is the caller’s error: %s', (code) => {
  const cause = Object.assign(new Error('date/time field value out of range'), { code })
  const error = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }))
  expect(error.code).toBe('BAD_REQUEST')
  expect(describeError(error).reason).toBe('invalid_input')
})

test.each(['54000', '54001', '54011', '54023'])(
  'what is too much for the database is the caller’s to shorten: %s',
  (code) => {
    const cause = Object.assign(new Error('tsquery is too complex'), { code })
    const error = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }))
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('shorten or simplify it') })
  },
)

describe('an error is short, and counts what it leaves out', () => {
  const Card = z.strictObject({ title: z.string().optional() })
  const Input = z.strictObject({ prompt: z.string().optional(), cards: z.array(Card).optional() })
  const junk = (count: number, length = 6) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`.padEnd(length, 'x'), 1]))
  test.each([
    ['180,000 keys that nobody knows', junk(180_000), 180_000],
    ['a hundred rows, each with 1,800 of them', { cards: Array.from({ length: 100 }, () => junk(1800)) }, 180_000],
    ['seven keys of 100,000 characters', junk(7, 100_000), 7],
    ['a thousand rows of another type', { cards: Array(1000).fill(7) }, 1000],
  ])('%s', (_, input, count) => {
    const cause = Input.safeParse(input).error
    const { message, issues } = describeError(new TRPCError({ code: 'BAD_REQUEST', cause }))
    expect(issues.length).toBe(5)
    expect(message).toContain(`; and ${count - 5} more`)
    expect(JSON.stringify({ message, issues }).length).toBeLessThan(3000)
  })

  test('a message that repeats what was sent', () => {
    const sent = 'x'.repeat(2_000_000)
    for (const error of [
      new TRPCError({ code: 'NOT_FOUND', message: sent }),
      new TRPCError({ code: 'CONFLICT', cause: fieldError('conflict', 'name', sent) }),
    ]) {
      expect(JSON.stringify(describeError(error)).length).toBeLessThan(3000)
    }
  })
})

test.each([
  ['25006', 'takes no changes'],
  ['53100', 'takes no changes'],
  ['57P04', 'cannot be reached'],
  ['25P03', 'cannot be reached'],
  ['28P01', 'cannot be reached'],
  ['55P03', 'Too many changes met at once'],
])('a state of the server is a 503 with a time to retry: %s', (code, said) => {
  const cause = Object.assign(new Error('secret inside'), { code })
  const error = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }))
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining(said) })
  expect(describeError(error)).toMatchObject({ reason: 'database_unavailable' })
  expect(error.message).toMatch(/Try again in \d+ seconds\.$/)
})
