import { TRPCError } from '@trpc/server'
import { expect, test } from 'vitest'
import { describeError, toTrpcError } from './errors.ts'

test.each(['22007', '22008', '22009'])('a time that PostgreSQL cannot read is the caller’s to mend: %s', (code) => {
  const cause = Object.assign(new Error('date/time field value out of range'), { code })
  const error = toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }))
  expect(error.code).toBe('BAD_REQUEST')
  expect(describeError(error).reason).toBe('invalid_input')
})
