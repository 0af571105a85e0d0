import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'

export const ListAuthors = listInput({
  search: cleanText(200)
    .trim()
    .min(1)
    .optional()
    .describe('Part of a name or username; % and _ are ordinary characters'),
  platform: PlatformName.optional().describe('Only authors on this platform'),
})

export const AuthorId = z.strictObject({ id: Id })

export const Author = z
  .object({
    id: Id,
    platform: PlatformName,
    username: z.string(),
    displayName: z.string(),
    bio: z.string().nullable(),
    followerCount: z.number().int(),
    followingCount: z.number().int(),
    contentCount: z.number().int(),
    authorityScore: z.number().min(0).max(1).nullable(),
  })
  .meta({ id: 'Author' })

export const AuthorPage = pageOf(Author)
