import { z } from 'zod'

/** A row's id, in the one form that PostgreSQL answers with: two spellings of one id must compare equal. */
export const Id = z.uuid().toLowerCase()
