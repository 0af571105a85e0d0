import {
  boolean,
  checkIn,
  defineTable,
  isIn,
  nullable,
  type TableOf,
  text,
  textArray,
  timestamptz,
  tsvector,
  uuid,
  withDefault,
  withStatistics,
} from '../define-table.ts'

export const publishableLevels = ['BUSINESS', 'IDEAS'] as const
/** These never leave their owner. */
export const privateLevels = ['PERSONAL', 'PRIVATE', 'THOUGHTS', 'JOURNAL'] as const
export const privacyLevels = [...publishableLevels, ...privateLevels] as const
export type PrivacyLevel = (typeof privacyLevels)[number]

/** A user's note. */
export const cards = defineTable({
  name: 'cards',
  columns: {
    id: withDefault(uuid()),
    userId: uuid(),
    title: text(),
    body: text(),
    tags: withStatistics(500, withDefault(textArray())),
    category: nullable(text()),
    privacyLevel: text<PrivacyLevel>(),
    contentId: nullable(uuid()),
    parentCardId: nullable(uuid()),
    isPublished: withDefault(boolean()),
    publishedAt: nullable(timestamptz()),
    /** Unique among its owner's cards. */
    slug: text(),
    /**
     * Title (weight A) and body (weight D), as the program splits them into words. With the server's 100 statistics, every rare word looks common: the planner
     * then walks the published cards from the newest on, 357 ms at a million cards; with 500 it takes the index, 0.8 ms.
     */
    searchVector: withStatistics(500, withDefault(tsvector())),
    createdAt: withDefault(timestamptz()),
    updatedAt: withDefault(timestamptz()),
  },
  visibility: ['isPublished'],
  constraints: {
    cards_pkey: 'PRIMARY KEY (id)',
    cards_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    cards_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE SET NULL',
    cards_parent_card_id_fkey: 'FOREIGN KEY (parent_card_id) REFERENCES cards(id) ON DELETE SET NULL',
    cards_user_id_slug_key: 'UNIQUE (user_id, slug)',
    // Attributions point at it, so that the two users of an attribution are the two cards' owners.
    cards_id_user_id_key: 'UNIQUE (id, user_id)',
    cards_title_check: 'CHECK (((char_length(title) >= 1) AND (char_length(title) <= 1000)))',
    cards_tags_check: 'CHECK ((cardinality(tags) <= 100))',
    cards_privacy_level_check: checkIn('privacy_level', privacyLevels),
    cards_published_check: 'CHECK (((NOT is_published) OR (published_at IS NOT NULL)))',
    cards_privacy_check: `CHECK (((NOT is_published) OR ${isIn('privacy_level', publishableLevels)}))`,
    cards_parent_check: 'CHECK ((parent_card_id <> id))',
  },
  indexes: {
    idx_cards_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'cards.listOwnCards',
    },
    // Partial: a plain index on published_at puts the unpublished rows, whose time is null, in front of a descending
    // list, which then walks all of them first.
    idx_cards_published_desc: {
      using: 'btree (published_at DESC, id DESC)',
      where: 'is_published',
      serves: 'cards.listPublishedCards',
    },
    idx_cards_user_published_desc: {
      using: 'btree (user_id, published_at DESC, id DESC)',
      where: 'is_published',
      serves: 'cards.listPublishedCards of a user',
    },
    idx_cards_category_published_desc: {
      using: 'btree (category, published_at DESC, id DESC)',
      where: 'is_published',
      serves: 'cards.listPublishedCards of a category',
    },
    idx_cards_tags_published: {
      using: 'gin (tags)',
      where: 'is_published',
      serves: 'cards.listPublishedCards with a tag',
    },
    idx_cards_search_published: {
      using: 'gin (search_vector)',
      where: 'is_published',
      serves: 'cards.listPublishedCards with search',
    },
    idx_cards_content_published_desc: {
      using: 'btree (content_id, published_at DESC, id DESC)',
      where: '(content_id IS NOT NULL)',
      serves: 'cards.listPublishedCards about a content; its foreign key',
    },
    idx_cards_parent_published_desc: {
      using: 'btree (parent_card_id, published_at DESC, id DESC)',
      where: '(parent_card_id IS NOT NULL)',
      serves: 'cards.listPublishedCards under a card; its foreign key',
    },
  },
})

export type CardsTable = TableOf<typeof cards>
