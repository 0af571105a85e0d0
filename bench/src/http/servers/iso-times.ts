import pg from 'pg'

const timestamptzOid = 1184

/** Times as ISO 8601 text with their microseconds, which is what Extropy answers with, and cheaper than a Date. */
export const isoTimes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === timestamptzOid
      ? (value: string) => `${value.slice(0, 10)}T${value.slice(11, -3)}Z`
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}
