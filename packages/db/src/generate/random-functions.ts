/**
 * Functions of one session, made of PostgreSQL's own hashes: the same seed gives the same data on any server, in any
 * batch size, and any row can be computed without the rows before it. `topic` keeps the columns of a row independent.
 * Each is one expression over constants, so that the planner can inline it: functions with a query inside cost 600 µs a
 * card, these 30.
 */
export function randomFunctions(seed: number): string[] {
  const offset = seed * 1000
  const returns = (type: string) => `returns ${type} immutable parallel safe return`
  // The square makes the first entries of a list the common ones.
  const entry = (list: readonly string[]) =>
    `('{${list.map((text) => `"${text}"`).join(',')}}'::text[])[1 + floor(${list.length} * pg_temp.u(topic, i) ^ 2)::int]`
  return [
    `create or replace function pg_temp.u(topic int, i bigint) ${returns('float8')}
       (hashint8extended(i, ${offset} + topic) & 9007199254740991)::float8 / 9007199254740992`,
    `create or replace function pg_temp.id(topic int, i bigint) ${returns('uuid')}
       overlay(overlay(md5((${offset} + topic)::text || ':' || i::text) placing '4' from 13) placing '8' from 17)::uuid`,
    `create or replace function pg_temp.word(topic int, i bigint) ${returns('text')} ${entry(words)}`,
    `create or replace function pg_temp.phrase(topic int, i bigint) ${returns('text')} ${entry(joined(3, 7))}`,
    `create or replace function pg_temp.sentence(topic int, i bigint) ${returns('text')} ${entry(joined(9, 11))}`,
    `create or replace function pg_temp.ago(topic int, i bigint, until timestamptz, months int) ${returns('timestamptz')}
       date_trunc('second', until - pg_temp.u(topic, i) * (months * interval '30 days'))`,
  ]
}

const words = (
  'system time people model data work world user language page story market design network code idea value reader ' +
  'process science form level group point case result change state program side question number fact area book ' +
  'research theory image machine teacher student company team cost effect field history method nature order pattern ' +
  'power price product project reason report role rule scale school search sense service signal size source space ' +
  'speed structure study style subject success supply support table task test text thing thought tool topic trade ' +
  'training type understanding unit view voice water wave week window winter wood writer year energy engine essay ' +
  'evidence example experiment feature figure future garden growth habit hour house impact input interest island ' +
  'journal knowledge lesson letter library light limit list logic memory message metal mind moment morning motion ' +
  'mountain music narrative note object ocean opinion organ output paper parent path picture plant platform player'
).split(' ')

/** 256 runs of words, always the same: `stride` walks through the list. */
function joined(length: number, stride: number): string[] {
  return Array.from({ length: 256 }, (_, run) =>
    Array.from({ length }, (_, at) => words[(run * run + at * stride * (run + 1)) % words.length]).join(' '),
  )
}
