import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { AttributionProposal, ListProposals } from './proposals.schema.ts'

const byCreation = defineKeyset('attributions.proposals', 'attributionProposals.createdAt', 'attributionProposals.id')

/** What is proposed to a user, newest first. Both cards are published: the user's own, and another's. */
export async function listProposals(
  db: Kysely<Database>,
  { userId, ...page }: z.output<typeof ListProposals> & { readonly userId: string },
) {
  const query = db
    .selectFrom('attributionProposals')
    .innerJoin('cards as source', 'source.id', 'attributionProposals.sourceCardId')
    .innerJoin('cards as target', 'target.id', 'attributionProposals.targetCardId')
    .innerJoin('users as sourceUser', 'sourceUser.id', 'attributionProposals.sourceUserId')
    .select([
      'attributionProposals.id',
      'attributionProposals.sourceCardId',
      'attributionProposals.targetCardId',
      'attributionProposals.coverage',
      'attributionProposals.evidence',
      'attributionProposals.createdAt',
      'source.title as sourceTitle',
      'target.title as targetTitle',
      'sourceUser.id as sourceUserId',
      'sourceUser.username as sourceUsername',
      'sourceUser.displayName as sourceDisplayName',
    ])
    .where('attributionProposals.targetUserId', '=', userId)
    .where('attributionProposals.status', '=', 'open')
    .where('source.isPublished', '=', true)
    .where('target.isPublished', '=', true)
  const { items, nextCursor } = await keysetPage(query, byCreation, page)
  return {
    items: items.map(({ evidence, ...proposal }) => ({ ...proposal, ...(evidence as unknown as ProposalEvidence) })),
    nextCursor,
  }
}

export type ProposalEvidence = Pick<z.input<typeof AttributionProposal>, 'growth' | 'added' | 'kept'>
