/** A place in the write-ahead log, as a number of bytes. */
export type Lsn = bigint

/** Each promotion begins a timeline: places of one say nothing of what was written on a later one, wherever it began. */
export interface LogPlace {
  readonly timeline: number
  readonly lsn: Lsn
}

export function isLater(one: LogPlace, other: LogPlace): boolean {
  return one.timeline === other.timeline ? one.lsn > other.lsn : one.timeline > other.timeline
}

/** `16/B374D848`, as PostgreSQL writes it. */
export function parseLsn(text: string): Lsn {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase()
}

export function laterOf(one: Lsn, other: Lsn): Lsn {
  return one > other ? one : other
}
