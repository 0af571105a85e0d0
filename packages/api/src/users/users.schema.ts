import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListUsers = listInput({
  search: cleanText(200)
    .trim()
    .min(1)
    .optional()
    .describe('Part of a username or display name; % and _ are ordinary characters'),
})

export const UserId = z.strictObject({ id: Id })

const Username = z
  .string()
  // `.` and `..` are steps of a URL's path, so that no URL would reach them.
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}$/,
    'must be 1 to 64 of the characters A-Z a-z 0-9 _ . -, and neither . nor ..',
  )
  .describe('Unique whatever its case')

export const UserByUsername = z.strictObject({ username: Username })

const displayName = cleanText(200).trim().min(1)
const bio = cleanText(5000).nullable()

export const CreateUser = z.strictObject({
  username: Username,
  email: z.email().max(320).describe('Unique whatever its case; seen by the user and by admins only'),
  displayName: displayName.optional().describe('Default: the username'),
  bio: bio.optional(),
})

export const UpdateUser = z
  .strictObject({ id: Id, displayName: displayName.optional(), bio: bio.optional() })
  .refine(({ displayName, bio }) => displayName !== undefined || bio !== undefined, 'must change displayName or bio')

const PublicUser = z
  .object({
    id: Id,
    username: z.string(),
    displayName: z.string(),
    bio: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'PublicUser' })

export const User = PublicUser.extend({
  email: z.string().nullable().describe('Null for everyone but the user and admins'),
}).meta({ id: 'User' })

export const OwnUser = PublicUser.extend({
  email: z.string(),
  cards: z.object({ total: z.number().int(), published: z.number().int() }),
}).meta({ id: 'OwnUser' })

export const UserPage = pageOf(PublicUser)
