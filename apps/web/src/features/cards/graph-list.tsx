import { Link } from '@tanstack/react-router'
import { useText } from '../../text/text.ts'
import type { GraphNode } from './lay-out.ts'

/** By distance; under each card what it cites, remixes or answers of the others. */
export function GraphList({ nodes }: { nodes: readonly GraphNode[] }) {
  const text = useText().cards.graph
  const titles = new Map(nodes.map(({ cardId, title }) => [cardId, title]))
  const byDepth = Map.groupBy(nodes, ({ depth }) => depth)
  return (
    <div className="graph-list">
      {[...byDepth].map(([depth, cards]) => (
        <section key={depth}>
          <h3 className="small-title">{text.steps(depth)}</h3>
          <ul className="links">
            {cards.map(({ cardId, title, displayName, cites }) => (
              <li key={cardId}>
                <Link to="/cards/$cardId" params={{ cardId }}>
                  {title}
                </Link>{' '}
                <small>
                  {text.by(displayName)}
                  {cites.map(({ cardId: other, type }) => ` · ${text.edge[type]} “${titles.get(other) ?? ''}”`)}
                </small>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
