import type { Database } from '@extropy/db'
import { type Compilable, type Kysely, sql } from 'kysely'

/** The tables of a collection's archive, in an order in which each row's others come before it. */
export interface ArchivePart {
  readonly name: ArchivePartName
  readonly table: keyof Database
  /** All that goes out of a row: a new column stays at home until it is named here. */
  readonly columns: readonly string[]
  /** The rows that are in memory at once. A content may have 5,000,000 characters. */
  readonly rowsAtOnce: number
  /** The rows that a user may see, with these columns. */
  readonly select: (db: Kysely<Database>, userId: string) => Compilable
}

export const archivePartNames = [
  'users',
  'authors',
  'contents',
  'contentAuthors',
  'contentAliases',
  'contentTextHashes',
  'contentChunks',
  'patterns',
  'patternContents',
  'sources',
  'cards',
  'cardParents',
  'attributions',
  'researchSessions',
  'subscriptions',
  'subscriptionChanges',
] as const
export type ArchivePartName = (typeof archivePartNames)[number]

type Columns<Table extends keyof Database> = readonly (keyof Database[Table] & string)[]

const rowsAtOnce = 200
const longRowsAtOnce = 10

/** A part whose rows anyone may see, or those of one user where it says so. */
function whole<Table extends keyof Database & ArchivePartName>(
  table: Table,
  columns: Columns<Table>,
  {
    orderBy,
    own,
    rows = rowsAtOnce,
  }: { readonly orderBy: Columns<Table>; readonly own?: true; readonly rows?: number },
): ArchivePart {
  const select: ArchivePart['select'] = (db, userId) => {
    let query = db.selectFrom(table as 'subscriptions').select(columns as never[])
    if (own) query = query.where('userId', '=', userId)
    for (const column of orderBy) query = query.orderBy(column as 'id')
    return query
  }
  return { name: table, table, columns, rowsAtOnce: rows, select }
}

const userColumns = ['id', 'username', 'displayName', 'bio', 'createdAt'] as const
const cardColumns = [
  'id',
  'userId',
  'title',
  'body',
  'tags',
  'category',
  'privacyLevel',
  'contentId',
  'isPublished',
  'publishedAt',
  'slug',
  'createdAt',
  'updatedAt',
] as const
const attributionColumns = [
  'id',
  'sourceCardId',
  'sourceUserId',
  'targetCardId',
  'targetUserId',
  'type',
  'context',
  'excerpt',
  'tokensTransferred',
  'createdAt',
] as const
const changeColumns = ['id', 'subscriptionId', 'sequence', 'change', 'createdAt'] as const
const sessionColumns = [
  'id',
  'userId',
  'name',
  'brief',
  'platforms',
  'keywords',
  'targetAuthorities',
  'questions',
  'targets',
  'budget',
  'spent',
  'contentsFound',
  'contentsAnalyzed',
  'patternsFound',
  'outputs',
  'status',
  'createdAt',
  'updatedAt',
  'finishedAt',
] as const

/** Whether a user may see a card: published, or theirs. */
const isVisible = (card: string, userId: string) =>
  sql<boolean>`(${sql.ref(`${card}.isPublished`)} or ${sql.ref(`${card}.userId`)} = ${userId})`

const parts: Readonly<Record<ArchivePartName, ArchivePart>> = {
  users: {
    name: 'users',
    table: 'users',
    columns: [...userColumns, 'email'],
    rowsAtOnce,
    // An e-mail address is its user's own.
    select: (db, userId) =>
      db
        .selectFrom('users')
        .select([...userColumns, sql<string | null>`case when id = ${userId} then email end`.as('email')])
        .orderBy('id'),
  },
  authors: whole(
    'authors',
    [
      'id',
      'platform',
      'username',
      'displayName',
      'bio',
      'followerCount',
      'followingCount',
      'contentCount',
      'authorityScore',
      'patternsVersion',
      'patternsFoundAt',
    ],
    { orderBy: ['id'] },
  ),
  contents: whole(
    'contents',
    [
      'id',
      'platform',
      'sourceUrl',
      'author',
      'title',
      'body',
      'language',
      'tags',
      'publishedAt',
      'metrics',
      'analysis',
      'contentHash',
      'scrapedAt',
      'analyzedAt',
      'analysisVersion',
    ],
    { orderBy: ['id'], rows: longRowsAtOnce },
  ),
  contentAuthors: whole('contentAuthors', ['contentId', 'authorId', 'position'], {
    orderBy: ['contentId', 'authorId'],
  }),
  contentAliases: whole('contentAliases', ['url', 'contentId', 'reason', 'isUndone', 'createdAt'], {
    orderBy: ['url'],
  }),
  contentTextHashes: whole('contentTextHashes', ['contentId', 'textHash'], { orderBy: ['contentId'] }),
  contentChunks: whole('contentChunks', ['contentId', 'ordinal', 'text'], { orderBy: ['contentId', 'ordinal'] }),
  patterns: whole(
    'patterns',
    ['id', 'authorId', 'type', 'description', 'confidenceScore', 'discoveredAt', 'method', 'version'],
    { orderBy: ['id'] },
  ),
  patternContents: whole('patternContents', ['patternId', 'contentId', 'position', 'evidence'], {
    orderBy: ['patternId', 'contentId'],
  }),
  sources: whole(
    'sources',
    [
      'id',
      'platform',
      'kind',
      'target',
      'url',
      'label',
      'title',
      'siteUrl',
      'status',
      'itemLimit',
      'intervalSeconds',
      'folders',
      'lastOutcome',
      'lastMessage',
      'lastFetchedAt',
      'lastOkAt',
      'lastNewAt',
      'createdAt',
    ],
    { orderBy: ['id'] },
  ),
  cards: {
    name: 'cards',
    table: 'cards',
    columns: cardColumns,
    rowsAtOnce: longRowsAtOnce,
    select: (db, userId) => db.selectFrom('cards').select(cardColumns).where(isVisible('cards', userId)).orderBy('id'),
  },
  // Behind all cards: a parent may be younger than its card.
  cardParents: {
    name: 'cardParents',
    table: 'cards',
    columns: ['id', 'parentCardId'],
    rowsAtOnce,
    select: (db, userId) =>
      db
        .selectFrom('cards')
        .innerJoin('cards as parent', 'parent.id', 'cards.parentCardId')
        .select(['cards.id', 'cards.parentCardId'])
        .where(isVisible('cards', userId))
        .where(isVisible('parent', userId))
        .orderBy('cards.id'),
  },
  attributions: {
    name: 'attributions',
    table: 'attributions',
    columns: attributionColumns,
    rowsAtOnce,
    select: (db, userId) =>
      db
        .selectFrom('attributions')
        .innerJoin('cards as source', 'source.id', 'attributions.sourceCardId')
        .innerJoin('cards as target', 'target.id', 'attributions.targetCardId')
        .select(attributionColumns.map((column) => `attributions.${column}` as const))
        .where(isVisible('source', userId))
        .where(isVisible('target', userId))
        .orderBy('attributions.id'),
  },
  researchSessions: {
    name: 'researchSessions',
    table: 'researchSessions',
    columns: sessionColumns,
    rowsAtOnce: longRowsAtOnce,
    // One that is at work has a job, which stays where it is.
    select: (db, userId) =>
      db
        .selectFrom('researchSessions')
        .select(sessionColumns)
        .where('userId', '=', userId)
        .where('status', '<>', 'in_progress')
        .orderBy('id'),
  },
  // The address of a feed opens it for anyone: it stays at home.
  subscriptions: whole(
    'subscriptions',
    ['id', 'userId', 'kind', 'name', 'input', 'answer', 'lastSequence', 'createdAt', 'answeredAt'],
    { orderBy: ['id'], own: true },
  ),
  subscriptionChanges: {
    name: 'subscriptionChanges',
    table: 'subscriptionChanges',
    columns: changeColumns,
    rowsAtOnce,
    select: (db, userId) =>
      db
        .selectFrom('subscriptionChanges')
        .innerJoin('subscriptions', 'subscriptions.id', 'subscriptionChanges.subscriptionId')
        .select(changeColumns.map((column) => `subscriptionChanges.${column}` as const))
        .where('subscriptions.userId', '=', userId)
        .orderBy('subscriptionChanges.id'),
  },
}

export const archiveParts: readonly ArchivePart[] = archivePartNames.map((name) => parts[name])
