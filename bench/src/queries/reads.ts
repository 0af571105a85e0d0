/** Ids of rows that are there. */
export interface Sample {
  readonly userId: string
  readonly attributionId: string
}

/** The same three for every contender: same columns, same names, same order. */
export const readNames = ['primary key', '20 cards with their users', 'join of 4 tables'] as const
export type ReadName = (typeof readNames)[number]

/** A library as its documentation says to set it up for this work. */
interface Contender {
  readonly reads: Readonly<Record<ReadName, (sample: Sample) => Promise<readonly object[]>>>
}

/** What each file in `contenders/` exports as `open`. */
export type OpenContender = (databaseUrl: string) => Promise<Contender>

export const pageSize = 20
