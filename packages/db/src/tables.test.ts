import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { sqlState, sqlStates } from './pg-errors.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

let database: TestDatabase
const ada = '00000000-0000-4000-8000-00000000000a'
const bob = '00000000-0000-4000-8000-00000000000b'
const card = '00000000-0000-4000-8000-0000000000c1'
const reply = '00000000-0000-4000-8000-0000000000c2'
const hash = `'\\x${'00'.repeat(32)}'`

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  for (const statement of [
    `insert into users (id, username, email, display_name) values
       ('${ada}', 'ada', 'ada@example.org', 'Ada'), ('${bob}', 'Bob', 'Bob@example.org', 'Bob')`,
    `insert into cards (id, user_id, title, body, privacy_level, slug) values
       ('${card}', '${ada}', 'T', 'B', 'IDEAS', 't'), ('${reply}', '${bob}', 'T', 'B', 'IDEAS', 't')`,
    `insert into attributions (source_card_id, source_user_id, target_card_id, target_user_id, type, tokens_transferred)
       values ('${card}', '${ada}', '${reply}', '${bob}', 'citation', 0.1)`,
  ]) {
    await sql.raw(statement).execute(database.db)
  }
})
afterAll(() => database.close())

const attribute = (
  source: string,
  sourceUser: string,
  target: string,
  targetUser: string,
  type = 'remix',
  amount = 1,
) =>
  `insert into attributions (source_card_id, source_user_id, target_card_id, target_user_id, type, tokens_transferred)
   values ('${source}', '${sourceUser}', '${target}', '${targetUser}', '${type}', ${amount})`
const key = (columns: string, values: string) =>
  `insert into api_keys (user_id, name, prefix, key_hash, scopes${columns}) values ('${ada}', 'n', 'p', ${hash}, ${values})`
const move = (columns: string, values: string) =>
  `insert into extropy_ledger (to_user_id, to_balance_after, to_sequence, hash, ${columns}) values ('${ada}', 1, 1, ${hash}, ${values})`

const check = sqlStates.checkViolation
const unique = sqlStates.uniqueViolation
const foreignKey = sqlStates.foreignKeyViolation

test.each([
  [
    'an e-mail address in another case',
    `insert into users (username, email, display_name) values ('x', 'ADA@example.org', '')`,
    unique,
  ],
  [
    'a username in another case',
    `insert into users (username, email, display_name) values ('BOB', 'x@example.org', '')`,
    unique,
  ],
  ['a balance that its totals do not add up to', `update users set extropy_balance = 1`, check],
  ['a negative balance', `update users set extropy_balance = -1, tokens_sent = 1`, check],
  [
    'a published card of a private kind',
    `update cards set is_published = true, published_at = now(), privacy_level = 'JOURNAL'`,
    check,
  ],
  [
    'a published card made private',
    `insert into cards (user_id, title, body, privacy_level, slug, is_published, published_at) values ('${ada}', 'T', 'B', 'PRIVATE', 'p', true, now())`,
    check,
  ],
  ['a published card without a time', `update cards set is_published = true`, check],
  ['a card that is its own parent', `update cards set parent_card_id = id`, check],
  ['a title of 1,001 characters', `update cards set title = repeat('x', 1001)`, check],
  ['101 tags', `update cards set tags = array_fill('x'::text, array[101])`, check],
  [
    'a slug twice for one user',
    `insert into cards (user_id, title, body, privacy_level, slug) values ('${ada}', 'T', 'B', 'IDEAS', 't')`,
    unique,
  ],
  ['the same attribution twice', attribute(card, ada, reply, bob, 'citation'), unique],
  ['an attribution of one’s own card', attribute(card, ada, card, ada), check],
  ['an attribution that pays a stranger', attribute(card, bob, reply, ada), foreignKey],
  ['an attribution for nothing', attribute(card, ada, reply, bob, 'remix', 0), check],
  ['an unknown kind of attribution', attribute(card, ada, reply, bob, 'like'), check],
  ['a key with an unknown scope', key('', `'{read,root}'`), check],
  ['a key without a scope', key('', `'{}'`), check],
  ['a revoked key without a time', key(', is_revoked', `'{read}', true`), check],
  ['a movement of nothing', move('amount, transaction_type', `0, 'earn'`), check],
  ['a minted transfer', move('amount, transaction_type', `1, 'transfer'`), check],
  [
    'a transfer to oneself',
    move('amount, transaction_type, from_user_id, from_balance_after, from_sequence', `1, 'transfer', '${ada}', 0, 1`),
    check,
  ],
  [
    'an attribution that names none',
    move(
      'amount, transaction_type, from_user_id, from_balance_after, from_sequence',
      `1, 'attribution', '${bob}', 0, 1`,
    ),
    check,
  ],
  [
    'a chain that begins in the middle',
    move('amount, transaction_type, to_previous_hash', `1, 'earn', ${hash}`),
    check,
  ],
  [
    'a session that is done but not finished',
    `insert into research_sessions (user_id, name, brief, status) values ('${ada}', 'n', 'b', 'completed')`,
    check,
  ],
  [
    'a session on an unknown platform',
    `insert into research_sessions (user_id, name, brief, platforms) values ('${ada}', 'n', 'b', '{fax}')`,
    check,
  ],
])('the tables refuse %s', async (_, statement, code) => {
  const refused = await sql
    .raw(statement)
    .execute(database.db)
    .catch((error: unknown) => error)
  expect(sqlState(refused)).toBe(code)
})

test('an active key has one row; a revoked one may share its hash', async () => {
  await sql.raw(key('', `'{read}'`)).execute(database.db)
  const twice = await sql
    .raw(key('', `'{read}'`))
    .execute(database.db)
    .catch((error: unknown) => error)
  expect(sqlState(twice)).toBe(unique)
  await sql.raw(key(', is_revoked, revoked_at', `'{read}', true, now()`)).execute(database.db)
})
