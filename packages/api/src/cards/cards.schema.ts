import { privacyLevels, publishableLevels } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListPublishedCards = listInput({
  userId: Id.optional().describe('Only cards of this user'),
  category: cleanText(200).optional(),
  tag: cleanText(200).optional().describe('Only cards with exactly this tag'),
  contentId: Id.optional().describe('Only cards about this content'),
  parentCardId: Id.optional().describe('Only cards under this card'),
  search: cleanText(200)
    .trim()
    .min(1)
    .optional()
    .describe('Words in title or body; "quoted phrases", -excluded words and `or` work'),
})

export const ListOwnCards = listInput({})

export const CardId = z.strictObject({ id: Id })

const privacyLevel = z.enum(privacyLevels).describe(`Only ${publishableLevels.join(' and ')} may be published`)

const fields = {
  title: cleanText(1000).trim().min(1, 'must not be blank'),
  body: cleanText(100_000).describe('Markdown'),
  tags: z.array(cleanText(100).trim().min(1)).max(100, 'must be at most 100 tags'),
  category: cleanText(200).trim().min(1).nullable(),
  privacyLevel,
  contentId: Id.nullable().describe('The content that the card is about'),
  parentCardId: Id.nullable().describe('A published card, or one of your own'),
}

export const NewCard = z.strictObject({
  title: fields.title,
  body: fields.body,
  tags: fields.tags.default([]),
  category: fields.category.default(null),
  privacyLevel: fields.privacyLevel,
  contentId: fields.contentId.default(null),
  parentCardId: fields.parentCardId.default(null),
})

export const EditCard = z
  .strictObject({ id: Id, ...z.object(fields).partial().shape })
  .refine(
    ({ id, ...changes }) => Object.values(changes).some((change) => change !== undefined),
    'must have at least one field to change',
  )

const atMostAtOnce = 100

export const PublishCards = z
  .strictObject({
    ids: z.array(Id).max(atMostAtOnce).default([]).describe('Ids of your drafts'),
    cards: z
      .array(NewCard)
      .max(atMostAtOnce)
      .default([])
      .describe('New cards; those with a private privacyLevel are left out'),
  })
  .refine(({ ids, cards }) => ids.length + cards.length > 0, 'must have ids or cards')
  .refine(({ ids, cards }) => ids.length + cards.length <= atMostAtOnce, `must be at most ${atMostAtOnce} in all`)

const written = {
  id: Id,
  userId: Id,
  title: z.string(),
  body: z.string().describe('Markdown'),
  tags: z.array(z.string()),
  category: z.string().nullable(),
  contentId: Id.nullable(),
  parentCardId: Id.nullable(),
  slug: z.string().describe("Unique among its user's cards"),
  createdAt: z.string(),
}
const names = { username: z.string(), displayName: z.string() }
const own = { privacyLevel: z.enum(privacyLevels), isPublished: z.boolean(), updatedAt: z.string() }

export const OwnCard = z.object({ ...written, publishedAt: z.string().nullable(), ...own }).meta({ id: 'OwnCard' })

export const Card = z.object({ ...written, publishedAt: z.string().nullable(), ...own, ...names }).meta({ id: 'Card' })

const PublishedCard = z.object({ ...written, publishedAt: z.string(), ...names }).meta({ id: 'PublishedCard' })

export const CardPage = pageOf(PublishedCard)

export const OwnCardPage = pageOf(OwnCard)

export const Published = z.object({
  published: z.array(OwnCard),
  publishedCount: z.number().int(),
  filteredCount: z.number().int().describe('Cards left out because their privacyLevel is private'),
  tokensEarned: z
    .string()
    .describe('A decimal string with 8 places; a card earns once, and a user for a limited number of cards a day'),
})
