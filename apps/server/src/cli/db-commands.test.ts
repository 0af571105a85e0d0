import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { run } from '../testing/server-process.ts'

const template = inject('databaseTemplate')

async function command(name: string, args: readonly string[], url = 'memory:') {
  const process = run(`apps/server/src/cli/${name}.ts`, args, { DATABASE_URL: url })
  const status = await process.exit()
  return { status, output: process.output() }
}

if (template.kind === 'embedded') {
  test.each([
    ['db-generate', []],
    ['db-generate', ['--cards', '-1']],
    ['db-generate', ['--cards', '10', '--seed', 'x']],
    ['db-slow-queries', ['--limit', '0']],
    ['db-partitions', ['--ahead', 'x']],
    ['db-partitions', ['--detach-before', '2025-13']],
    ['migrate', ['sideways']],
    ['migrate', ['down', '--dry-run']],
    ['db-analyze', ['--unknown']],
  ])('%s %j is refused before anything is done', async (name, args) => {
    expect((await command(name, args)).status).toBe(2)
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

    // A dozen processes, each of which loads and compiles the packages anew.
    test('each command says what it did, in JSON where asked', { timeout: 180_000 }, async () => {
      const generated = await json('db-generate', ['--cards', '200', '--seed', '3'])
      expect(generated).toMatchObject({ status: 0, first: { rows: { cards: 200, users: 20 } } })
      expect((await command('db-generate', ['--cards', '200'], database.url)).output).toContain(
        'Generate into an empty one',
      )

      const analyzed = await json('db-analyze')
      expect(analyzed.lines.map((line) => JSON.parse(line).table)).toContain('cards')
      expect(await json('db-slow-queries', ['--limit', '1'])).toMatchObject({
        status: 0,
        first: [{ calls: expect.any(Number) }],
      })
      expect(await json('db-index-report')).toMatchObject({ status: 0, first: { missing: [], invalid: [] } })

      const partitions = await json('db-partitions', ['--ahead', '7', '--detach-before', '2024-12'])
      expect(partitions.first).toMatchObject({ created: [expect.any(String)], detached: ['extropy_ledger_2024_11'] })

      expect(await json('migrate', ['--dry-run'])).toMatchObject({ status: 0, first: undefined })
      expect((await command('migrate', [], database.url)).output).toContain('Nothing to do')
      const undone = await json('migrate', ['down'])
      expect(undone).toMatchObject({ first: { kind: 'migration undone', name: expect.stringMatching(/^\d{4}-/) } })
      const again = (await command('migrate', ['--dry-run'], database.url)).output
      expect(again).toContain(`would do: migration: ${undone.first.name}`)
      expect((await command('migrate', [], database.url)).status).toBe(0)
    })

    test('a report that finds an index missing ends with status 1', async () => {
      await database.db.schema.dropIndex('idx_cards_published_desc').execute()
      expect(await json('db-index-report')).toMatchObject({
        status: 1,
        first: { missing: ['idx_cards_published_desc'] },
      })
    })
  })
}
