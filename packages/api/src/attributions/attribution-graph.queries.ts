import { type AttributionType, type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

export interface GraphInput {
  readonly cardId: string
  /** 1 to 3 steps from the card. */
  readonly depth: number
  /** The caller; null for the anonymous. Cards that they may not see are left out, and not walked through. */
  readonly viewerId: string | null
  /** Cards in the answer. Default 200. */
  readonly maxNodes?: number
}

export interface GraphNode {
  readonly cardId: string
  readonly title: string
  readonly userId: string
  readonly username: string
  readonly displayName: string
  /** Steps from the card that was asked for, which has 0. */
  readonly depth: number
  /** The cards of this answer that this one cites, remixes or answers. */
  readonly cites: readonly { cardId: string; type: AttributionType }[]
}

/** Of a card with thousands of attributions, the newest ones in each direction are followed. */
const maxPerCard = 100

/**
 * The cards around a card, both those that it builds on and those that build on it, as one recursive query. It ends on
 * cycles: a step is only taken up to `depth`, and `union` drops duplicates. Empty where the viewer may not see the
 * card itself; `truncated` where there were more than `maxNodes`.
 */
export async function getAttributionGraph(
  db: Kysely<Database>,
  { cardId, depth, viewerId, maxNodes = 200 }: GraphInput,
): Promise<{ nodes: GraphNode[]; truncated: boolean }> {
  const visible = sql`(card.is_published or card.user_id = ${viewerId}::uuid)`
  const { rows } = await rawRead(
    ['attributions', 'cards', 'users.username', 'users.displayName'],
    sql<GraphNode>`
    with recursive walk as (
      select card.id, 0 as depth from cards as card where card.id = ${cardId} and ${visible}
      union
      select card.id, walk.depth + 1
      from walk
      cross join lateral (
        (select target_card_id as id from attributions where source_card_id = walk.id
         order by created_at desc, id desc limit ${sql.lit(maxPerCard)})
        union all
        (select source_card_id from attributions where target_card_id = walk.id
         order by created_at desc, id desc limit ${sql.lit(maxPerCard)})
      ) as neighbour
      join cards as card on card.id = neighbour.id and ${visible}
      where walk.depth < ${depth}
    ),
    -- Breadth first, and PostgreSQL walks no further than it is read: a card may come once per depth.
    reached as (select id, depth from walk limit ${4 * maxNodes}),
    node as (select id, min(depth) as depth from reached group by id order by min(depth), id limit ${maxNodes + 1})
    select card.id as card_id, card.title, card.user_id, users.username, users.display_name, node.depth,
           coalesce((
             select jsonb_agg(jsonb_build_object('cardId', cited.source_card_id, 'type', cited.type)
                              order by cited.source_card_id, cited.type)
             from attributions as cited
             where cited.target_card_id = node.id and cited.source_card_id in (select id from node)
           ), '[]') as cites
    from node
    join cards as card on card.id = node.id
    join users on users.id = card.user_id
    order by node.depth, node.id`,
  ).execute(db)
  return { nodes: rows.slice(0, maxNodes), truncated: rows.length > maxNodes }
}
