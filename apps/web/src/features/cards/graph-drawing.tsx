import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useMemo, useRef } from 'react'
import { useText } from '../../text/text.ts'
import { type GraphNode, layOut, neighbourTowards, type Placed } from './lay-out.ts'

/** Titles would lie over each other beyond; the pointer and the focus show one at a time. */
const mostTitles = 24
const margin = 125
const longestTitle = 28

export function GraphDrawing({ nodes, title }: { nodes: readonly GraphNode[]; title: string }) {
  const text = useText().cards.graph
  const navigate = useNavigate()
  const drawing = useRef<SVGSVGElement>(null)
  const { placed, edges } = useMemo(() => layOut(nodes), [nodes])
  const [xs, ys] = [placed.map(({ x }) => x), placed.map(({ y }) => y)]
  const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin / 2]
  const [width, height] = [Math.max(...xs) + margin - left, Math.max(...ys) + margin / 2 - top]
  const open = (cardId: string) => void navigate({ to: '/cards/$cardId', params: { cardId } })

  const move = (event: KeyboardEvent, from: Placed) => {
    const to = neighbourTowards(placed, from, event.key)
    if (to === undefined) return
    event.preventDefault()
    drawing.current?.querySelector<SVGAElement>(`[data-card="${to.node.cardId}"]`)?.focus()
  }

  return (
    <figure className="graph">
      {/* biome-ignore lint/a11y/useSemanticElements: there is no fieldset in a drawing */}
      <svg
        ref={drawing}
        viewBox={`${left} ${top} ${width} ${height}`}
        className={placed.length > mostTitles ? 'graph-dense' : ''}
        role="group"
        aria-label={text.label(title)}
      >
        <g>
          {edges.map(({ from, to, type }) => (
            <line
              key={`${from.node.cardId} ${to.node.cardId} ${type}`}
              className={`edge edge-${type}`}
              x1={from.x}
              y1={from.y}
              x2={to.x}
              y2={to.y}
            />
          ))}
        </g>
        {placed.map((each) => {
          const { node, x, y } = each
          const isCentre = node.depth === 0
          return (
            <a
              key={node.cardId}
              href={`/cards/${node.cardId}`}
              data-card={node.cardId}
              className={isCentre ? 'node node-centre' : `node node-${node.depth}`}
              aria-label={`${node.title}, ${text.by(node.displayName)}, ${text.steps(node.depth)}`}
              onKeyDown={(event) => move(event, each)}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return
                event.preventDefault()
                open(node.cardId)
              }}
            >
              <circle cx={x} cy={y} r={isCentre ? 11 : 8 - node.depth} />
              <text x={x} y={y + 24}>
                {node.title.length > longestTitle ? `${node.title.slice(0, longestTitle)}…` : node.title}
              </text>
            </a>
          )
        })}
      </svg>
      <figcaption>
        <span className="key">
          {(['citation', 'remix', 'reply'] as const).map((type) => (
            <span key={type}>
              <svg width="24" height="8" aria-hidden="true">
                <line className={`edge edge-${type}`} x1="0" y1="4" x2="24" y2="4" />
              </svg>{' '}
              {text.edge[type]}
            </span>
          ))}
        </span>{' '}
        {text.hint}
      </figcaption>
    </figure>
  )
}
