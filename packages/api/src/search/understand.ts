import { type Database, type Platform, platforms, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { escapeLike } from '../escape-like.ts'
import { detectLanguage, searchConfigOf } from '../language/language.ts'
import type { PassageFilter } from './passage-filter.ts'
import type { Understood } from './search.schema.ts'

type Filter = Pick<PassageFilter, 'author' | 'platform' | 'publishedAfter' | 'publishedBefore'>

export interface UnderstoodPrompt {
  /** The prompt without the words that became filters. */
  readonly text: string
  readonly understood: readonly Understood[]
  readonly filter: Filter
}

const word = String.raw`[\p{L}][\p{L}\p{M}\p{N}.'’_-]*`
const someone = String.raw`(${word}(?:\s+${word}){0,3})`
const saying =
  'write|wrote|written|say|said|think|thinks|post|posted|publish|published|blog|blogged|recommend|recommended|suggest|suggested|announce|announced|explain|explained|mention|mentioned'
const said = new RegExp(String.raw`\b(?:(?:did|does|do|has|have)\s+)?(?:ever\s+)?(?:${saying})\b`, 'iu')
/** Where a name says who wrote, not what is written about. */
const authorPlaces = [
  String.raw`\b(?:did|does|do|has|have)\s+${someone}\s+(?:ever\s+)?(?:${saying})\b`,
  String.raw`\b(?:what|why|when|how)\s+${someone}\s+(?:wrote|said|thinks|posted|published|announced|explained)\b`,
  String.raw`\b(?:written|said|posted|published|posts?|articles?|something|anything|everything)\s+by\s+${someone}`,
  String.raw`\baccording\s+to\s+${someone}`,
  String.raw`\b${someone}['’]s\s+(?:posts?|articles?|blog|writings?|views?|opinions?|thoughts?)\b`,
].map((pattern) => new RegExp(pattern, 'giu'))

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
/** A year, or a month with its year: `may` alone is a verb. */
const time = new RegExp(
  String.raw`\b(in|during|from|since|after|before|until)\s+(?:(${months.join('|')})\s+)?((?:19|20)\d\d)\b(?!-\d)`,
  'i',
)
const day = /\b(on|since|after|before|until)\s+((?:19|20)\d\d-\d\d-\d\d)\b/i
/** A question about what was published or happened then; `how many users were there in 2019` may be answered later. */
const happening =
  /\b(?:released|releases|announced|announcements?|published|posted|posts?|articles?|wrote|written|write|happen(?:ed|s)?|news|changed|came out|come out|launched)\b/i

/** Reads known authors, platforms and times of publication in a prompt as filters; a filter that the caller gives comes first. */
export async function understandPrompt(
  db: Kysely<Database>,
  prompt: string,
  { given, asWords = [] }: { given: Filter; asWords?: readonly Understood['kind'][] | undefined },
): Promise<UnderstoodPrompt> {
  const found: { understood: Understood; filter: Filter }[] = []
  const may = (kind: Understood['kind']) => !asWords.includes(kind)
  if (may('author') && given.author === undefined) found.push(...(await findAuthor(db, prompt)))
  if (may('platform') && given.platform === undefined) found.push(...(await findPlatform(db, prompt)))
  if (may('published') && given.publishedAfter === undefined && given.publishedBefore === undefined)
    found.push(...findTime(prompt))
  const rest = found.reduce((rest, { understood }) => rest.replace(understood.text, ' '), prompt)
  // An author writes: `wrote` is no word of the text.
  const text = found.some(({ understood }) => understood.kind === 'author') ? rest.replace(said, ' ') : rest
  // Filters alone ask for nothing.
  if (!/[\p{L}\p{N}]/u.test(text)) return { text: prompt, understood: [], filter: {} }
  return {
    text,
    understood: found.map(({ understood }) => understood),
    filter: Object.assign({}, ...found.map(({ filter }) => filter)),
  }
}

async function findAuthor(db: Kysely<Database>, prompt: string) {
  const names = authorPlaces.flatMap((place) =>
    [...prompt.matchAll(place)].flatMap(([, name = '']) => shorterNames(name)),
  )
  if (names.length === 0) return []
  // Between first and last name there may be others, or an initial.
  const patterns = names.map((name) => escapeLike(name).replace(/\s+/g, '% '))
  const { rows } = await rawRead(
    ['authors'],
    sql<{ displayName: string; number: number }>`
    select authors.display_name, asked.number::int - 1 as number
    from unnest(${patterns}::text[], ${names.map(escapeLike)}::text[]) with ordinality as asked (pattern, name, number)
    join authors on display_name ilike asked.pattern or username ilike asked.name
    order by asked.number, content_count desc, display_name limit 1`,
  ).execute(db)
  return rows.map(({ displayName, number }) => ({
    understood: { kind: 'author', value: displayName, text: names[number] ?? '' } as const,
    filter: { author: displayName },
  }))
}

/** `Ana B. Cruz about` may be a name by its first three, two or one words: the longest first. */
function shorterNames(name: string): string[] {
  const words = name.split(/\s+/)
  return words.map((_, at) => words.slice(0, words.length - at).join(' '))
}

async function findPlatform(db: Kysely<Database>, prompt: string) {
  const [text, name] = /\b(?:on|from)\s+(rss|youtube|reddit|twitter)\b/i.exec(prompt) ?? []
  const platform = platforms.find((each) => each === name?.toLowerCase())
  if (text === undefined || platform === undefined || !(await hasPlatform(db, platform))) return []
  return [{ understood: { kind: 'platform', value: platform, text } as const, filter: { platform } }]
}

async function hasPlatform(db: Kysely<Database>, platform: Platform): Promise<boolean> {
  return (
    (await db.selectFrom('contents').select('id').where('platform', '=', platform).limit(1).executeTakeFirst()) !==
    undefined
  )
}

function findTime(prompt: string) {
  return findDay(prompt) ?? findMonth(prompt)
}

function findDay(prompt: string) {
  const [text, preposition = '', date = ''] = day.exec(prompt) ?? []
  const start = Date.parse(`${date}T00:00:00Z`)
  if (text === undefined || Number.isNaN(start) || !happening.test(prompt)) return undefined
  const [from, to] = [new Date(start).toISOString(), new Date(start + 86_400_000).toISOString()]
  return [understoodTime(text, timeFilter(preposition.toLowerCase(), from, to))]
}

function findMonth(prompt: string) {
  const [text, preposition = '', month, year = ''] = time.exec(prompt) ?? []
  if (text === undefined || !happening.test(prompt)) return []
  const first = month === undefined ? 0 : months.indexOf(month.toLowerCase())
  const start = new Date(Date.UTC(Number(year), first, 1)).toISOString()
  const end = new Date(Date.UTC(Number(year), month === undefined ? 12 : first + 1, 1)).toISOString()
  return [understoodTime(text, timeFilter(preposition.toLowerCase(), start, end))]
}

function understoodTime(text: string, filter: Filter) {
  const value = [filter.publishedAfter?.slice(0, 10) ?? '', filter.publishedBefore?.slice(0, 10) ?? ''].join('/')
  return { understood: { kind: 'published', value, text } as const, filter }
}

function timeFilter(preposition: string, start: string, end: string): Filter {
  if (preposition === 'since') return { publishedAfter: start }
  if (preposition === 'after') return { publishedAfter: end }
  if (preposition === 'before') return { publishedBefore: start }
  if (preposition === 'until') return { publishedBefore: end }
  return { publishedAfter: start, publishedBefore: end }
}

/**
 * A prompt in a language that nothing here is in: a sentence that says so, and the prompt without that language's stop words, which
 * are other words here. Undefined where the languages are the same, or where nobody can tell.
 */
export async function readForeign(
  db: Kysely<Database>,
  prompt: string,
  searchConfigs: readonly string[],
): Promise<{ text: string; notice: string } | undefined> {
  const language = detectLanguage(prompt)
  const config = searchConfigOf(language)
  if (language === null || searchConfigs.length === 0 || searchConfigs.includes(config)) return undefined
  const tokens = [...new Set(prompt.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])]
  const { rows } = await rawRead(
    [],
    sql<{ token: string }>`
    select token from unnest(${tokens}::text[]) as token where to_tsvector(${config}::regconfig, token) = ''::tsvector`,
  ).execute(db)
  const stop = new Set(rows.map(({ token }) => token))
  const text = prompt.replace(/[\p{L}\p{M}\p{N}]+/gu, (token) => (stop.has(token) ? ' ' : token))
  const name = new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language
  const here = searchConfigs.map((each) =>
    each === 'simple' ? 'other languages' : each[0]?.toUpperCase() + each.slice(1),
  )
  const notice = `The question is in ${name}, but what is here is in ${here.join(', ')}: ask in that language.`
  return { text: /[\p{L}\p{N}]/u.test(text) ? text : prompt, notice }
}
