import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReaders, type PageResult, type Readers } from '@extropy/intake'
import { htmlToMarkdown } from '@extropy/intake/markdown'
import { hostilePages } from '@extropy/intake/testing'
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import type { GoalName } from '../goals.ts'
import { type ArticleScore, f1Of, overlap, scoreArticle } from '../intake/article-score.ts'
import { readArticles, readFeeds, readPages } from '../intake/documents.ts'
import { mutations } from '../intake/mutations.ts'
import { bootstrap, mean, median, quantile } from '../ratio.ts'
import { record, recordData, skip } from '../results.ts'
import { table } from '../table.ts'

/** How well and how fast the readers read: `--articles DIR`, `--pages DIR`, `--feeds DIR`; hostile pages are the package's own. */
export const bench: BenchCase = {
  title: 'what pages and feeds say',
  parts: ['articles', 'pages', 'feeds', 'hostile'],
  async run({ articles, pages, feeds, wants }) {
    const readers = createReaders()
    const measure = async (part: string, folder: string | undefined, run: (folder: string) => Promise<void>) => {
      if (!wants(part)) return
      if (folder === undefined) skip(part, `give a folder with --${part} DIR`)
      else await run(folder)
    }
    try {
      await readers.readPage({ html: '<p>The thread starts here.</p>', url: 'https://example.com/' })
      await measure('articles', articles, (folder) => measureArticles(readers, folder))
      await measure('pages', pages, (folder) => measurePages(readers, folder))
      await measure('feeds', feeds, (folder) => measureFeeds(readers, folder))
      await measure('hostile', '', () => measureHostile(readers))
    } finally {
      await readers.close()
    }
  },
}

const ours = 'Extropy'
const peer = 'Readability + linkedom'

function figure(
  name: string,
  contender: string,
  unit: string,
  value: number,
  more: { samples?: readonly number[]; interval?: readonly [number, number]; goal?: GoalName } = {},
): void {
  const { goal, ...rest } = more
  record({ suite: 'intake', name, contender, unit, value, ...rest, ...(goal !== undefined && { goals: [goal] }) })
}

function opened<T>(folder: string, read: (folder: string) => T): T {
  try {
    return read(folder)
  } catch (error) {
    throw new BadCallError(`${folder} can't be read: ${(error as Error).message}`)
  }
}

async function measureArticles(readers: Readers, folder: string): Promise<void> {
  const rows = opened(folder, readArticles)
  recordData(`${rows.length} pages with their articles`)
  const scores: Record<string, ArticleScore[]> = { [ours]: [], 'Extropy, captions too': [], [peer]: [] }
  const ms: Record<string, number[]> = { [ours]: [], [peer]: [] }
  const walls: string[] = []
  for (const { url, gold, html } of rows) {
    const bytes = Buffer.from(html)
    const begin = performance.now()
    const result = await readers.readPage({ bytes, contentType: 'text/html; charset=utf-8', url })
    ms[ours]?.push(performance.now() - begin)
    if (result.outcome !== 'ok') walls.push(`${url}: ${result.outcome}, ${result.reason}`)
    scores[ours]?.push(scoreArticle(textOf(result), gold))
    scores['Extropy, captions too']?.push(
      scoreArticle(result.outcome === 'ok' ? withoutMarks(result.article.body) : textOf(result), gold),
    )
    const peerBegin = performance.now()
    const answer = new Readability(parseHTML(html).document as never).parse()?.textContent ?? ''
    ms[peer]?.push(performance.now() - peerBegin)
    scores[peer]?.push(scoreArticle(answer, gold))
  }
  const lines = Object.entries(scores).map(([contender, all]) => {
    const { f1, precision, recall } = f1Of(all)
    const interval = bootstrap(
      all.map((_, at) => at),
      (sample) => f1Of(sample.map((at) => all[at] as ArticleScore)).f1,
    )
    const equal = mean(all.map((score) => (score.equal ? 1 : 0)))
    figure('article text', contender, 'F1', f1, {
      interval,
      ...(contender === ours && { goal: 'articles: F1 of the text' }),
    })
    figure('article text', contender, 'precision', precision)
    figure('article text', contender, 'recall', recall)
    const times = ms[contender]
    if (times !== undefined)
      figure('time a page', contender, 'ms', median(times), {
        samples: times,
        ...(contender === ours && { goal: 'articles: ms a page' }),
      })
    const shown = [f1, interval[0], interval[1], precision, recall, equal].map((value) => value.toFixed(4))
    return [
      contender,
      ...shown,
      ...(times === undefined ? ['', '', ''] : [0.5, 0.95, 1].map((q) => quantile(times, q).toFixed(0))),
    ]
  })
  process.stdout.write(
    table(['article text', 'F1', 'low', 'high', 'precision', 'recall', 'equal', 'ms p50', 'p95', 'max'], lines),
  )
  const taken = walls.filter((line) => !/: paywalled, /.test(line))
  figure('pages taken for a wall', ours, 'pages', taken.length, { goal: 'articles: pages taken for a wall' })
  process.stdout.write(`Not read as an article: ${walls.length === 0 ? 'none' : `\n  ${walls.join('\n  ')}`}\n`)
}

/** What a paywall shows counts as the text that was found. */
const textOf = (result: PageResult): string => (result.outcome === 'ok' ? result.text : (result.preview?.text ?? ''))

const withoutMarks = (markdown: string): string =>
  markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[\\*_`>#|~]|^-+$/gm, ' ')

async function measurePages(readers: Readers, folder: string): Promise<void> {
  const pages = opened(folder, readPages)
  recordData(`${pages.length} pages with their metadata`)
  const found: number[] = []
  const hits: Record<string, number[]> = {}
  const lines: string[][] = []
  for (const { name, source, expected, metadata } of pages) {
    const result = await readers.readPage({
      bytes: source,
      contentType: 'text/html',
      url: 'http://fakehost/test/page.html',
    })
    const share =
      result.outcome === 'ok'
        ? overlap(withoutMarks(result.article.body), htmlToMarkdown(expected, 'http://fakehost/').text)
        : 0
    found.push(share)
    const got: Record<string, string | undefined> =
      result.outcome === 'ok'
        ? {
            title: result.article.title,
            byline: result.byline,
            lang: result.article.language,
            siteName: result.siteName,
            publishedTime: result.article.publishedAt?.toISOString(),
          }
        : {}
    const misses: string[] = []
    for (const [key, value] of Object.entries(metadata)) {
      // Found where the reference has none: it may well be there.
      const wanted = key === 'publishedTime' && value ? new Date(value).toISOString() : value
      const right = !wanted || wanted.replace(/\s+/g, ' ').trim().toLowerCase() === got[key]?.toLowerCase()
      hits[key] = [...(hits[key] ?? []), right ? 1 : 0]
      if (!right) misses.push(`${key}: ${got[key]} for ${wanted}`)
    }
    lines.push([name, share.toFixed(3), result.outcome, misses.join('; ')])
  }
  process.stdout.write(table(['page', 'of the text', 'outcome', ''], lines))
  const all = Object.values(hits).flat()
  figure('text of Readability found', ours, 'share', mean(found), {
    samples: found,
    goal: 'pages: text of Readability found',
  })
  figure('metadata', ours, 'share', mean(all), { goal: 'pages: metadata' })
  process.stdout.write(
    `Metadata ${mean(all).toFixed(3)}: ${Object.entries(hits)
      .map(([key, values]) => `${key} ${mean(values).toFixed(2)}`)
      .join(', ')}\n`,
  )
}

async function measureFeeds(readers: Readers, folder: string): Promise<void> {
  const rows = opened(folder, readFeeds)
  recordData(`${rows.length} feeds`)
  const plain = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim()
  const ms: number[] = []
  const groups: Record<string, { outcome: number[]; entries: number[]; title: number[] }> = {}
  const wrong: string[] = []
  for (const row of rows) {
    const begin = performance.now()
    const result = await readers.readFeed({ bytes: row.bytes, url: 'https://example.com/feed' })
    ms.push(performance.now() - begin)
    const group = row.well_formed === false ? 'broken' : 'well-formed'
    const tally = groups[group] ?? { outcome: [], entries: [], title: [] }
    groups[group] = tally
    const read = 'entries' in result
    const check = (of: keyof typeof tally, right: boolean): void => {
      tally[of].push(right ? 1 : 0)
      if (!right) wrong.push(`${row.file}: ${of}`)
    }
    check('outcome', row.must === 'either' || (row.must === 'parse') === read)
    if (row.must !== 'parse' || !read) continue
    check('entries', result.entries.length === row.entries)
    const title = row.first_title ?? row.first_entry_title
    const first = result.entries[0]
    const isStated = row.first_title !== undefined || row.first_entry_title !== undefined
    check(
      'title',
      !isStated ||
        (title == null ? first === undefined || first.untitled === true : plain(first?.title) === plain(title)),
    )
  }
  const lines = Object.entries(groups).map(([group, { outcome, entries, title }]) => [
    group,
    String(outcome.length),
    ...[outcome, entries, title].map((all) => mean(all).toFixed(3)),
  ])
  process.stdout.write(table(['feeds', '', 'right outcome', 'right entries', 'right first title'], lines))
  const all = (of: 'outcome' | 'entries' | 'title') => mean(Object.values(groups).flatMap((group) => group[of]))
  figure('outcome', ours, 'share', all('outcome'), { goal: 'feeds: right outcome' })
  figure('entries', ours, 'share', all('entries'), { goal: 'feeds: right number of entries' })
  figure('first title', ours, 'share', all('title'), { goal: 'feeds: right first title' })
  figure('time a feed', ours, 'ms', median(ms), { samples: ms })
  process.stdout.write(
    `Feeds: ms p50 ${median(ms).toFixed(1)}, max ${Math.max(...ms).toFixed(0)}. Wrong: ${wrong.length === 0 ? 'none' : wrong.join(', ')}\n`,
  )
  await mutate(
    readers,
    rows.map((row) => row.bytes),
  )
}

async function mutate(readers: Readers, sources: readonly Buffer[]): Promise<void> {
  const count = 1000
  const ms: number[] = []
  const outcomes = new Map<string, number>()
  let thrown = 0
  for (const bytes of mutations(sources, count)) {
    const begin = performance.now()
    const result = await readers.readFeed({ bytes, url: 'https://example.com/feed' })
    ms.push(performance.now() - begin)
    // An error of a reader, which nobody foresaw, comes back with these words.
    if ('reason' in result && result.reason.startsWith('it cannot be read')) thrown++
    outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1)
  }
  figure('1,000 mutations', ours, 'errors', thrown, { goal: 'feeds: mutations that throw' })
  process.stdout.write(
    `${count} mutations: ${[...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ')}; errors ${thrown}; ms p50 ${median(ms).toFixed(1)}, max ${Math.max(...ms).toFixed(0)}\n`,
  )
}

async function measureHostile(readers: Readers): Promise<void> {
  const pages = hostilePages.map((page) => ({ ...page, bytes: Buffer.from(page.html) }))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  // What the machine alone does to an event loop, in these minutes.
  delay.enable()
  await sleep(3000)
  delay.disable()
  const idle = delay.percentile(99) / 1e6
  figure('hostile pages, event loop delay', 'nothing read', 'ms', idle)
  delay.reset()
  const ms: number[] = []
  const wrong: string[] = []
  delay.enable()
  for (const {
    name,
    outcome,
    bytes,
    contentType = 'text/html; charset=utf-8',
    url = 'https://www.example.com/a/page',
  } of pages) {
    const begin = performance.now()
    const result = await readers.readPage({ bytes, contentType, url })
    ms.push(performance.now() - begin)
    if (result.outcome !== outcome) wrong.push(`${name}: ${result.outcome} for ${outcome}`)
  }
  delay.disable()
  const [p50, p99] = [50, 99].map((q) => delay.percentile(q) / 1e6)
  const samples = Array.from({ length: 200 }, (_, n) => delay.percentile((n + 1) / 2) / 1e6)
  figure('hostile pages, wrong outcome', ours, 'pages', wrong.length, { goal: 'hostile pages: wrong outcome' })
  figure('hostile pages, event loop delay', ours, 'ms', p50 ?? Number.NaN, {
    samples,
    goal: 'hostile pages: event loop delay ms',
  })
  process.stdout.write(
    `${pages.length} hostile pages: wrong ${wrong.length === 0 ? 'none' : wrong.join(', ')}; event loop delay ms p50 ${p50?.toFixed(2)}, p99 ${p99?.toFixed(2)}, max ${(delay.max / 1e6).toFixed(0)} (nothing read: p99 ${idle.toFixed(2)}); ms p50 ${median(ms).toFixed(0)}, max ${Math.max(...ms).toFixed(0)}\n`,
  )
}
