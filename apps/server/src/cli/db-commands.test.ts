import { existsSync, readFileSync } from 'node:fs'
import { createDatabase } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { run, runCommands } from '../testing/server-process.ts'
import { nearestOption } from './nearest-option.ts'

const template = inject('databaseTemplate')

async function command(name: string, args: readonly string[], url = 'memory:') {
  const process = run(`apps/server/src/cli/${name}.ts`, args, { DATABASE_URL: url })
  const status = await process.exit()
  return { status, output: process.output() }
}

if (template.kind === 'embedded') {
  test('a wrong call is refused with the usage before it does anything', { timeout: 60_000 }, async () => {
    const calls: [name: string, args: readonly string[]][] = [
      ['db-generate', []],
      ['db-generate', ['--cards', '-1']],
      ['db-generate', ['--cards', '10', '--seed', 'x']],
      ['db-slow-queries', ['--limit', '0']],
      ['db-partitions', ['--ahead', 'x']],
      ['db-partitions', ['--detach-before', '2025-13']],
      ['migrate', ['sideways']],
      ['migrate', ['down', '--dry-run']],
      ['db-analyze', ['--unknown']],
      ['keys', ['create']],
      ['contents', ['delete']],
      ['contents', ['burn', 'x']],
      ['keys', ['revoke']],
      ['keys', ['rotate', 'extro_live_a', '--overlap', '-1']],
      ['keys', ['create', '--user', 'ada', 'bob']],
    ]
    const results = await runCommands(
      calls.map(([name, args]) => [`apps/server/src/cli/${name}.ts`, args]),
      { DATABASE_URL: 'memory:' },
    )
    expect(results).toEqual(calls.map(() => ({ status: 2, output: expect.stringMatching(/.\n\nusage: pnpm /) })))
  })

  test('a folder that takes no files is refused at once, by its option and its name', async () => {
    // Before the database is asked for anything. Node's recursive mkdir never came back from the first folder.
    const noServer = 'postgres://127.0.0.1:1/extropy'
    const folders = existsSync('/proc/self') ? ['/proc/nowhere', 'package.json/months'] : ['package.json/months']
    for (const folder of folders) {
      const { status, output } = await command('db-partitions', ['--archive', folder], noServer)
      expect({ status, output }).toEqual({
        status: 1,
        output: expect.stringMatching(
          `^--archive ${folder}: files cannot be written there \\(.*\\)\\. Name a folder .*\n$`,
        ),
      })
    }
  })

  test('every command that a user runs answers --help with its usage, and starts nothing', {
    timeout: 60_000,
  }, async () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const ofThePackage = [
      'postinstall',
      'dev',
      'analyze:fit',
      'web:measure',
      'client:generate',
      'docs:generate',
      'openapi:lint',
    ]
    const commands = Object.entries(scripts).flatMap(([name, script]) => {
      const [, file] = /^node (\S+\.ts)$/.exec(script) ?? []
      return file === undefined || ofThePackage.includes(name) ? [] : [{ name, file }]
    })
    expect(commands.length).toBeGreaterThan(15)
    const results = await runCommands(
      commands.map(({ file }) => [file, ['--help']]),
      { DATABASE_URL: 'memory:' },
    )
    const usage = (name: string) => expect.stringMatching(new RegExp(`^usage: (\\S+=\\S+ )?pnpm (run )?${name}\\b`))
    expect(results).toEqual(commands.map(({ name }) => ({ status: 0, output: usage(name) })))
  })

  test('a mistyped option names the one that is near', async () => {
    expect(await command('keys', ['list', '--usr', 'ada'])).toMatchObject({
      status: 2,
      output: expect.stringMatching(/^there is no option --usr: --user is meant\?\n\nusage: /),
    })
    const near = (typed: string) => nearestOption(typed, ['user', 'dry-run', 'rate-limit', 'help'])
    expect(['usre', 'dryrun', 'ratelimt', 'halp', 'x', 'wholly-other'].map(near)).toEqual([
      'user',
      'dry-run',
      'rate-limit',
      'help',
      undefined,
      undefined,
    ])
  })
} else {
  describe('on a server', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await createTestDatabase(template)
    })
    afterAll(() => database.close())
    const json = async (name: string, args: readonly string[] = []) => {
      const { status, output } = await command(name, [...args, '--json'], database.url)
      const lines = output.trim().split('\n')
      return { status, lines, first: lines[0] === '' ? undefined : JSON.parse(lines[0] as string) }
    }

    /** Nobody is at the pooler: whatever does not go past it fails. */
    const pooled = () => ({
      DATABASE_URL: 'postgres://127.0.0.1:1/extropy',
      DATABASE_BEHIND_POOLER: 'true',
      DATABASE_DIRECT_URL: database.url,
    })

    // A dozen processes, each of which loads and compiles the packages anew.
    test('each command reports its result, in JSON where asked', { timeout: 180_000 }, async () => {
      const generated = await json('db-generate', ['--cards', '200', '--seed', '3'])
      expect(generated).toMatchObject({ status: 0, first: { rows: { cards: 200, users: 20 } } })
      const [twice] = await runCommands([['apps/server/src/cli/db-generate.ts', ['--cards', '200']]], pooled())
      expect(twice?.output).toContain('Generate into an empty one')

      const analyzed = await json('db-analyze')
      expect(analyzed.lines.map((line) => JSON.parse(line).table)).toContain('cards')
      expect(await json('db-slow-queries', ['--limit', '1'])).toMatchObject({
        status: 0,
        first: [{ calls: expect.any(Number) }],
      })
      expect(await json('db-index-report')).toMatchObject({ status: 0, first: { missing: [], invalid: [] } })

      const partitions = await json('db-partitions', ['--ahead', '7', '--detach-before', '2024-12'])
      expect(partitions.first).toMatchObject({
        created: [expect.any(String), expect.any(String), expect.any(String)],
        detached: ['audit_log_2024_11', 'extropy_ledger_2024_11', 'fetches_2024_11'],
      })
      // What the settings say: the ledger stays.
      const kept = await json('db-partitions')
      expect(kept.first.detached).toContain('fetches_2024_12')
      expect(kept.first.detached.join()).not.toMatch(/ledger|audit_log_2024/)
      expect((await command('db-partitions', ['--attach', 'fetches_2024_12'], database.url)).output).toContain(
        'attached: fetches_2024_12',
      )
      expect(await command('db-partitions', ['--attach', 'fetches_2024_12'], database.url)).toEqual({
        status: 1,
        output: expect.stringMatching(/^fetches_2024_12 is not in the schema extropy_archive\n$/),
      })

      expect(await json('migrate', ['--dry-run'])).toMatchObject({ status: 0, first: undefined })
      expect((await command('migrate', [], database.url)).output).toContain('Nothing to do')
      const undone = await json('migrate', ['down'])
      expect(undone).toMatchObject({ first: { kind: 'migration undone', name: expect.stringMatching(/^\d{4}-/) } })
      const again = (await command('migrate', ['--dry-run'], database.url)).output
      expect(again).toContain(`would do: migration: ${undone.first.name}`)
      expect((await command('migrate', [], database.url)).status).toBe(0)
    })

    test('what lifts the time limit of its session goes past a pooler', { timeout: 60_000 }, async () => {
      const results = await runCommands(
        ['db-partitions', 'db-analyze'].map((name) => [`apps/server/src/cli/${name}.ts`, ['--json']]),
        pooled(),
      )
      expect(results).toEqual(Array(2).fill({ status: 0, output: expect.stringMatching(/^\{/) }))
    })

    test('keys are made, listed, rotated and revoked by command', { timeout: 180_000 }, async () => {
      const keys = (...args: string[]) => command('keys', args, database.url)
      const made = await keys('create', '--user', 'ada', '--name', 'First')
      expect(made).toMatchObject({ status: 0, output: expect.stringMatching(/extro_live_[\w-]{48}/) })
      const prefixIn = (text: string) => /^(extro_live_\S+) +ada +First .* works +never/m.exec(text)?.[1] ?? text
      const first = prefixIn((await keys('list', '--user', 'ada')).output)
      expect((await keys('rotate', first, '--overlap', '60')).output).toContain('works for 60 seconds more')
      expect((await keys('list', '--user', 'ada')).output).toMatch(new RegExp(`${first}.*works until`))
      await keys('create', '--user', 'bob', '--name', 'Second')
      expect((await keys('list', '--user', 'ada')).output).not.toContain('bob')
      expect((await keys('list')).output).toMatch(/ bob +Second [\s\S]* ada +First /)
      expect(await keys('revoke', first)).toEqual({ status: 0, output: `Revoked: ${first}, "First".\n` })
      expect((await keys('list', '--user', 'ada')).output).toMatch(new RegExp(`${first}.*revoked`))
      expect(await keys('rotate', first)).toEqual({ status: 1, output: expect.stringContaining('no longer works') })
      expect(await keys('revoke', 'extro_live_none')).toEqual({
        status: 1,
        output: expect.stringMatching(/^prefix: no key begins with extro_live_none/),
      })
    })

    describe('without the access that it needs, a command names the reason in a line or two', () => {
      const role = `extropy_test_${process.pid}`
      const asRole = () => Object.assign(new URL(database.url), { username: role, pathname: `/${role}` })
      const asAdmin = (statement: string, db = database.db) => sql.raw(statement).execute(db)
      const inOwnDatabase = async (statement: string) => {
        const own = await createDatabase({ url: Object.assign(new URL(database.url), { pathname: `/${role}` }).href })
        await asAdmin(statement, own.db).finally(() => own.close())
      }
      beforeAll(async () => {
        await asAdmin(`create role ${role} login`)
        await asAdmin(`create database ${role} template template0`)
      })
      afterAll(async () => {
        await asAdmin(`drop database ${role} with (force)`)
        await asAdmin(`drop role ${role}`)
      })

      test.each([
        [
          'no TLS',
          () => Object.assign(new URL(database.url), { search: '?sslmode=verify-full' }),
          /cannot be reached: The server does not support SSL/,
        ],
        [
          'no such database',
          () => Object.assign(new URL(database.url), { pathname: '/nowhere' }),
          /cannot be reached: database "nowhere" does not exist/,
        ],
        [
          'no such role',
          () => Object.assign(new URL(database.url), { username: 'nobody' }),
          /cannot be reached: role "nobody" does not exist/,
        ],
        [
          'no right to make tables',
          asRole,
          /permission denied for schema public: as the database's owner, once: GRANT CREATE ON SCHEMA public/,
        ],
        [
          'no right to make extensions',
          async () => {
            await inOwnDatabase(`grant create on schema public to ${role}`)
            return asRole()
          },
          /permission denied to create extension "vector": as a superuser, once: CREATE EXTENSION vector;/,
        ],
        ['no tables, and no migration', () => asRole(), /embedding_models.* Run pnpm db:migrate/],
      ])('%s', async (what, urlOf, said) => {
        const DATABASE_URL = (await urlOf()).href
        const MIGRATE_ON_START = what === 'no tables, and no migration' ? 'off' : 'on'
        const program = what === 'no such database' ? 'cli/migrate' : 'main'
        const started = run(`apps/server/src/${program}.ts`, [], { DATABASE_URL, MIGRATE_ON_START, PORT: '0' })
        expect(await started.exit()).toBe(1)
        expect(started.output()).toMatch(said)
        expect(started.output()).not.toMatch(/^ +at /m)
      })
    })

    test('an index report with a missing index ends with status 1', async () => {
      await database.db.schema.dropIndex('idx_cards_published_desc').execute()
      expect(await json('db-index-report')).toMatchObject({
        status: 1,
        first: { missing: ['idx_cards_published_desc'] },
      })
    })
  })
}
