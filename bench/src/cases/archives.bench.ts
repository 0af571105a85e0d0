import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { ArchiveError, type ArchiveEvent } from '@extropy/intake'
import { readArchive } from '@extropy/intake/archive'
import { makeZip, readInChild, writeBigZip } from '@extropy/intake/testing'
import { type JudgedExport, readJudgedExports } from '../archives/judged-exports.ts'
import { type Reading, type Score, scoreExport } from '../archives/score.ts'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import { withFolder } from '../databases.ts'
import { record, recordData, skip } from '../results.ts'
import { table } from '../table.ts'

/** Bytes that the big archive's script unpacks to. */
const bigBytes = { quick: 300_000_000, full: 2_147_483_648 }

/**
 * Reads judged exports as people get them: each as its folder, and packed as a zip. `--data DIR`: archives.jsonl.gz, and each
 * export's files under files/ID/. And a big X archive, made for it, in a process of its own, whose memory counts.
 */
export const bench: BenchCase = {
  title: 'how much of an export is read, and that nothing private is',
  parts: ['judged', 'memory'],
  async run({ data: folder, quick, wants }) {
    if (wants('judged')) {
      if (folder === undefined) skip('judged', 'give judged exports with --data DIR')
      else await readJudged(folder)
    }
    if (wants('memory')) await measureMemory(quick ? bigBytes.quick : bigBytes.full)
  },
}

async function readJudged(folder: string): Promise<void> {
  const exports = open(folder)
  recordData(`${basename(folder)}: ${exports.length} exports`)
  await withFolder(async (zips) => {
    const scores: Record<Contender, Score[]> = { folder: [], zip: [] }
    let equal = 0
    for (const each of exports) {
      const unpacked = join(folder, 'files', each.id)
      const zip = join(zips, `${each.id}.zip`)
      await writeFile(zip, makeZip(each.files.map((name) => ({ name, bytes: readFileSync(join(unpacked, name)) }))))
      const reading = await read(unpacked)
      if (JSON.stringify(reading) === JSON.stringify(await read(unpacked))) equal++
      scores.folder.push(say(each, 'folder', scoreExport(each, reading)))
      scores.zip.push(say(each, 'zip', scoreExport(each, await read(zip))))
    }
    report(exports, scores, equal)
  })
}

async function measureMemory(bytes: number): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'big.zip')
    const { posts } = await writeBigZip(path, bytes)
    const startedAt = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, [readInChild, path])
    const seconds = (performance.now() - startedAt) / 1000
    const { items, peakMb } = JSON.parse(stdout) as { items: number; peakMb: number }
    const name = `${(bytes / 1e6).toFixed(0)} MB of posts in a zip`
    recordData(`${name}: ${posts} posts`)
    record({ suite: 'archives', name, contender: 'peak memory', unit: 'MB', value: peakMb })
    record({ suite: 'archives', name, contender: 'posts', unit: 'posts/s', value: items / seconds })
    process.stdout.write(
      `${name}: ${items} of ${posts} posts in ${seconds.toFixed(1)} s, at most ${peakMb} MB of memory\n`,
    )
  })
}

const contenders = ['folder', 'zip'] as const
type Contender = (typeof contenders)[number]

function open(folder: string): JudgedExport[] {
  try {
    return readJudgedExports(folder)
  } catch (error) {
    throw new BadCallError(`${folder} has no judged exports: ${(error as Error).message}`)
  }
}

async function read(path: string): Promise<Reading> {
  const events: ArchiveEvent[] = []
  try {
    for await (const event of readArchive(path)) events.push(event)
    return { events, refused: undefined }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    return { events, refused: error.message }
  }
}

function say({ id }: JudgedExport, contender: Contender, score: Score): Score {
  const { right, faults, fieldsRight, fields } = score
  if (!right || fieldsRight < fields) {
    process.stdout.write(`${id} (${contender}): ${right ? 'right' : 'WRONG'}; ${faults.join('; ')}\n`)
  }
  return score
}

function report(
  exports: readonly JudgedExport[],
  scores: Readonly<Record<Contender, readonly Score[]>>,
  equal: number,
): void {
  const rows: string[][] = []
  for (const contender of contenders) {
    const all = scores[contender]
    const good = all.filter((_, at) => exports[at]?.kind === 'good')
    const sum = (of: readonly Score[], count: (score: Score) => number) =>
      of.reduce((total, score) => total + count(score), 0)
    const found = sum(good, (score) => score.found)
    const figures = [
      ['right outcome', all.filter(({ right }) => right).length / all.length],
      ['precision of good ones', found / sum(good, ({ got }) => got)],
      ['recall of good ones', found / sum(good, ({ expected }) => expected)],
      ['settled fields', sum(good, ({ fieldsRight }) => fieldsRight) / sum(good, ({ fields }) => fields)],
      ['private strings', sum(all, ({ leaked }) => leaked.length)],
    ] as const
    for (const [name, value] of figures) {
      const unit = name === 'private strings' ? 'strings' : 'share'
      record({ suite: 'archives', name, contender, unit, value })
      rows.push([name, contender, value.toFixed(3)])
    }
  }
  record({
    suite: 'archives',
    name: 'second reading equal',
    contender: 'folder',
    unit: 'share',
    value: equal / exports.length,
  })
  rows.push(['second reading equal', 'folder', (equal / exports.length).toFixed(3)])
  process.stdout.write(table(['', 'read as', ''], rows))
}
