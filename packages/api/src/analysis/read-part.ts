import { sql } from 'kysely'
import { mostCharacters } from './read-text.ts'

/** The part of a body that an analysis reads, and one character more where there is more: only so much of a book leaves the database. */
export const readPart = sql<string>`left(contents.body, ${sql.lit(mostCharacters + 1)})`.as('body')
