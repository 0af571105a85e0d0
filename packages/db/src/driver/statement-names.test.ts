import { expect, test } from 'vitest'
import { createStatementNames } from './statement-names.ts'

const times = <Value>(count: number, run: () => Value): Value[] => Array.from({ length: count }, run)

test('a statement has a name from the third time on; a declared one at once', () => {
  const names = createStatementNames()
  expect(times(4, () => names.nameOf('select 1'))).toEqual([undefined, undefined, 'extropy_0', 'extropy_0'])
  expect(names.nameOf('select 2', 'users.getUser')).toBe('users.getUser')
})

test('the number of names is bounded; later statements have none', () => {
  const names = createStatementNames({ limit: 2, hotAfter: 1 })
  expect([1, 2, 3].map((n) => names.nameOf(`select ${n}`))).toEqual(['extropy_0', 'extropy_1', undefined])
  expect(names.nameOf('select 1')).toBe('extropy_0')
  expect(names.nameOf('select 4', 'declared too late')).toBeUndefined()
})

test.each(['title ilike $1', 'search_vector @@ $1', 'tags @> $1', 'embedding <=> $1'])(
  'a statement whose value decides its plan stays unnamed: %s',
  (condition) => {
    const names = createStatementNames({ hotAfter: 1 })
    expect(times(3, () => names.nameOf(`select 1 where ${condition}`))).toEqual([undefined, undefined, undefined])
    expect(names.nameOf(`select 1 where ${condition}`, 'declared')).toBeUndefined()
  },
)

test('a statement marked onePlan has a name', () => {
  const names = createStatementNames({ hotAfter: 1 })
  expect(names.nameOf('select /* one plan for all values */ embedding <=> $1')).toBe('extropy_0')
})

test('a renewed statement has a name that no connection knows yet', () => {
  const names = createStatementNames({ hotAfter: 1 })
  const before = names.nameOf('select 1')
  names.renew('select 1')
  const after = names.nameOf('select 1')
  expect(after).not.toBe(before)
  names.renew('select 1')
  expect([before, after]).not.toContain(names.nameOf('select 1'))
})

test('a text made for a batch of rows has no name, however often it comes: nothing of it is remembered', () => {
  const names = createStatementNames({ hotAfter: 1 })
  const batch = `insert into cards values ${'(?, ?), '.repeat(5000)}`
  expect([1, 2, 3].map(() => names.nameOf(batch, 'declared'))).toEqual([undefined, undefined, undefined])
})
